# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The requests of /dev/lguest, what a guest is started with, and that nothing
# stays behind however a launcher ends.

. /vm/memory-disk.sh

check "the module loads" load_module lguest
log_mark
program api
program api_break
program api_waits
program release
program owners
chmod 666 /dev/lguest
if make_group max; then
	program in_group limits "$GROUP"
	rmdir "$GROUP"
else
	program limits
fi
chmod 600 /dev/lguest
quiet_log
no_leak "all memory comes back" 600 1 release
is "$(cat /sys/module/lguest/refcnt)" 0 "no guest is left"
check "the module unloads" unload_module lguest
done_testing
