# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Each of the module's allocations fails in turn: as it is loaded, and as guests are made
# and run.

. /vm/memory-disk.sh
. /vm/host-state.sh

PARAMETERS=/sys/module/shortage/parameters

# lacks AT ALL
lacks() {
	echo "$2" > $PARAMETERS/all
	echo "$1" > $PARAMETERS/at
}

has_failed() {
	[ "$(cat $PARAMETERS/failed)" != "failed: 0" ]
}

# Loading fails as often as there are allocations, with the error that says why, and goes
# well afterwards.
loads_when_it_can() {
	at=1
	while lacks $at "$1"; do
		load_module lguest 2> err
		loaded=$?
		has_failed || break
		if [ $loaded = 0 ]; then
			unload_module lguest
			diag "it loads without allocation $at"
		elif ! grep -q 'Cannot allocate memory' err; then
			fail "it fails to load for another reason"
			diag "$(cat err)"
		fi
		at=$((at + 1))
	done
	lacks 0 N
	is "$loaded" 0 "it loads when there is memory, after $((at - 1)) failures"
	unload_module lguest
}

check "the module that shows the host's state loads" load_module hoststate
check "the module for shortages loads" load_module shortage
log_mark
state before
loads_when_it_can N
loads_when_it_can Y
state after
is "$(differences before after)" "" "the host is as it was"
# (that its guests are counted rightly shows when there may be few)
check "the module loads" load_module lguest max_user_guests=2
program shortage
program eras_shortage
lacks 0 N
check "a guest runs" hello 0
quiet_log
no_leak "all memory comes back" 600 1 eras_shortage
is "$(cat /sys/module/lguest/refcnt)" 0 "no guest is left"
check "the module unloads" unload_module lguest
done_testing
