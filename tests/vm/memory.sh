# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The launcher's memory changes while its guest uses it.

. /vm/memory-disk.sh

check "there is a disk with swap" disk_is_files
check "the module loads" load_module lguest
log_mark
before=$(memory_in_use)
program memory
program memory-pae
program memory_around
program memory_around-pae
program memory_pages
program memory_files "$DISK_DIR"
program memory_stack
if make_group max; then
	program in_group memory_aging "$GROUP"
	rmdir "$GROUP"
else
	skip "memory_aging" "this kernel has no memory control groups"
fi
check "all memory comes back" wait_for 30 in_use_below $((before + 1500))
diag "$before kB before, $(memory_in_use) kB after"
quiet_log
is "$(cat /sys/module/lguest/refcnt)" 0 "no guest is left"
check "the module unloads" unload_module lguest
done_testing
