# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# For the scripts about where the switcher lives.

. /vm/host-state.sh

# shellcheck disable=SC2034 # for those who source this
TOP_SLOT=0xffc00000

# where it is now: the lowest page that is not in the file "before"
place() {
	state now
	diff -U 0 before now | sed -n 's/^+pte \([0-9a-f]*\) .*/0x\1/p' | sort | head -n 1
}

# a guest runs, and is told to leave the top 4 MiB alone
good_guest() {
	for cpu in $CPUS; do
		hello "$cpu" || return
	done
	worker short "seed=1 rounds=3"
	wait $!
	grep -q '^reserve_mem 4194304' short.out && grep -q ', 0 errors' short.out
}

# lives_at ADDRESS NAME: loaded as it is, it is there and works; then it goes
lives_at() {
	is "$(place)" "$1" "$2: it is at $1"
	check "$2: guests run" good_guest
	unload_module lguest
	state after
	is "$(differences before after)" "" "$2: nothing is left behind"
}

# refused REGEX NAME [PARAMETER...]: not loaded, one line of log, no change
refused() {
	r_line=$1 r_name=$2
	shift 2
	state before
	log_mark
	check_fails "$r_name: it does not load" load_module lguest "$@"
	like "$(log_since)" "$r_line" "$r_name: the log says why"
	# (busybox's insmod asks the kernel twice)
	is "$(log_since | sed 's/^.*\] //' | uniq | wc -l)" 1 "$r_name: in one line" ||
		diag "$(log_since)"
	state after
	is "$(differences before after)" "" "$r_name: nothing has changed"
}

load_module hoststate
