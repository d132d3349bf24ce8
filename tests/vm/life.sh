# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# LIFE guests in a row, as many launchers that are killed, and a tenth as many times that the
# module is loaded, each with a guest: no page, no object and no reference stays.

. /vm/host-state.sh

# All objects of the kernel's, of kinds that a guest has: of its slabs, all that are in use.
objects() {
	awk 'NR > 2 && $1 ~ /^(kmalloc|eventfd|mm_struct|task_struct|pid$|filp|radix)/ {
		sum += $2 * $4 } END { print int(sum / 1024) }' /proc/slabinfo
}

objects_below() {
	[ "$(objects)" -le "$1" ]
}

lives_once() {
	load_module lguest && hello 0 && unload_module lguest
}

diag "LIFE=$LIFE SEED=$SEED"
check "the module that shows the host's state loads" load_module hoststate
lives_once
state before
check "the module loads" load_module lguest
log_mark
life 20 > /dev/null
memory=$(memory_in_use) kinds=$(objects)
program life "$LIFE" "$SEED"
check "all pages come back" wait_for 30 in_use_below $((memory + 1500))
diag "from $memory kB to $(memory_in_use) kB"
check "all objects come back" wait_for 30 objects_below $((kinds + 200))
diag "from $kinds kB to $(objects) kB"
is "$(cat /sys/module/lguest/refcnt)" 0 "no guest is left"
check "the module unloads" unload_module lguest

times=$((LIFE / 10)) done=0
memory=$(memory_in_use)
while [ $done -lt $times ] && lives_once; do
	done=$((done + 1))
done
is $done $times "it is loaded and unloaded $times times, each with a guest"
check "and all pages come back" wait_for 30 in_use_below $((memory + 1500))
diag "from $memory kB to $(memory_in_use) kB"
state after
is "$(differences before after)" "" "the host is as it was"
quiet_log
done_testing
