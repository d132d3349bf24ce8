# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Guests and launchers that both change everything, all the time; and the same
# where memory is short.

. /vm/memory-disk.sh

storms() {
	memory_storm > /dev/null
}

check "there is swap" disk_is_swap
check "the module loads" load_module lguest
log_mark
program memory_storm
program memory_storm-pae
if make_group 2500K; then
	program in_group memory_storm
	TIMES=$(sed -n 's/^max //p' "$GROUP/memory.events")
	diag "memory was short $TIMES times"
	rmdir "$GROUP"
else
	skip "memory_storm where memory is short" "this kernel has no memory control groups"
fi
no_leak "all memory comes back" 1000 1 storms
quiet_log
is "$(cat /sys/module/lguest/refcnt)" 0 "no guest is left"
check "the module unloads" unload_module lguest
done_testing
