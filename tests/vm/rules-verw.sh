# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# A CPU whose buffers want clearing: it is done for each run of a guest.

. /vm/host-state.sh

watched() {
	sed -n "s/^$1: //p" /proc/switchwatch
}

load_module lguest
log_mark
load_module switchwatch every=1000 "text=$(cat /sys/module/lguest/sections/.text)"
like "$(cat /sys/devices/system/cpu/vulnerabilities/mds)" 'Clear CPU buffers' \
	"the kernel clears the CPU's buffers"
check "a guest runs" hello
check "so the switch was made" test "$(watched switches)" -gt 10
is "$(watched verws)" "$(watched switches)" "and for each run they were cleared"
unload_module switchwatch
unload_module lguest
quiet_log
done_testing
