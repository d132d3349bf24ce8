# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Guests and launchers that both change everything, all the time; and the same
# where memory is short.

. /vm/memory-disk.sh

CGROUP=/sys/fs/cgroup

# short_of KB COMMAND...: in a memory control group with no more than so much
short_of() {
	mkdir $CGROUP/short
	echo "$1"K > $CGROUP/short/memory.max
	shift
	# the process that writes is the one that moves
	sh -c 'echo 0 > "$0" && exec "$@"' $CGROUP/short/cgroup.procs "$@"
}

have_groups() {
	mount -t cgroup2 none $CGROUP && echo +memory > $CGROUP/cgroup.subtree_control
}

storms() {
	memory_storm > /dev/null
}

check "there is swap" disk_is_swap
check "the module loads" load_module lguest
log_mark
program memory_storm
program memory_storm-pae
if have_groups; then
	program short_of 2500 memory_storm
	TIMES=$(sed -n 's/^max //p' $CGROUP/short/memory.events)
	diag "memory was short $TIMES times"
	rmdir $CGROUP/short
else
	skip "memory_storm where memory is short" "this kernel has no memory control groups"
fi
no_leak "all memory comes back" 1000 1 storms
quiet_log
is "$(cat /sys/module/lguest/refcnt)" 0 "no guest is left"
check "the module unloads" unload_module lguest
done_testing
