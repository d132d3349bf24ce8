# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# A guest that has twice the memory of its host; and what the launcher takes for
# a guest that does not use its memory.

. /vm/memory-disk.sh
. /vm/guest-tap.sh

GUEST_MB=256

# status_of PID NAME: kB
status_of() {
	sed -n "s/^$2:[^0-9]*\([0-9]*\) kB$/\1/p" "/proc/$1/status"
}

check "there is swap" disk_is_swap
check "the module loads" load_module lguest
log_mark
check "the host has less memory than the guest" \
	test "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)" -lt $((GUEST_MB * 1024 / 2))

mkfifo keys
lguest run --mem ${GUEST_MB}M --kernel /tests/guests/worker --params wait <> keys > out &
pid=$!
check "a guest starts" wait_for_line 60 out waiting
runner=$(child_of $pid)
diag "$(grep -E '^Vm(Size|RSS|HWM|Lck|Pin):' "/proc/$runner/status")"
check "it has the address space" test "$(status_of "$runner" VmSize)" -gt $((GUEST_MB * 1024))
check "but only the memory that it uses" test "$(status_of "$runner" VmHWM)" -lt 16384
is "$(status_of "$runner" VmLck) $(status_of "$runner" VmPin)" "0 0" "of which nothing is locked"
kill $pid
wait $pid

before=$(memory_in_use)
GUEST_MEM=${GUEST_MB}M GUEST_SECONDS=1000 guest_tests ram
check "pages went to the disk and came back" \
	test "$(awk '/^pswpin / { print $2 }' /proc/vmstat)" -gt $((GUEST_MB * 256 / 2))
diag "$(grep -E '^pswp' /proc/vmstat | xargs)"
check "all memory comes back" wait_for 30 in_use_below $((before + 1500))
quiet_log
check "the module unloads" unload_module lguest
done_testing
