# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Machine checks that cost a life: that of a launcher whose guest's memory has
# gone bad, while all others go on; and then that of the host, whose last words
# must be its own.

. /vm/events.sh

# A page of the launcher's is bad: what the guest has just loaded.  (While the
# host's own code runs, in an interrupt, that would be the host's end.)
bad_memory='5 0xbd80000000000134 0xf'
context_corrupt='5 0xb200000000000000 0xf 0 0'
# pages of 4 kB from a physical address on
address_mode=0x8c

# the physical address of the launcher $1's address $2
physical() {
	dd if="/proc/$1/pagemap" bs=8 skip=$(($2 / 4096)) count=1 2> /dev/null |
		hexdump -n 4 -e '1/4 "0x%x000\n"'
}

corrupted() {
	sed -n 's/^HardwareCorrupted: *//p' /proc/meminfo
}

load_module lguest
load_module eventwatch
busy guest0
check "a guest is busy" wait_for_line 30 guest0.out '^busy'
busy spinner1 spin
spinner=$!
check "another never leaves CPU 1" wait_for_line 30 spinner1.out '^busy'
bad=$(physical "$(child_of $spinner)" 0x100000)
diag "its memory is bad at $bad"
check "a machine check comes" ask 1 1 guest 1 mce 1 "$bad_memory" "$bad" $address_mode
wait $spinner
is $? $((128 + 7)) "its launcher was killed by a SIGBUS"
is "$(corrupted)" "4 kB" "the host uses that page no more"
echo > guest0.keys
wait
is "$(tail -n 1 guest0.out)" "0 errors" "the other guest was not harmed"
check "new guests run" hello 1
is "$(watched mces_passed_on)" 1 "the host knows that it was a guest's"

busy spinner1 spin
check "a guest never leaves CPU 1" wait_for_line 30 spinner1.out '^busy'
echo "the end"
ask 1 1 mce 1 "$context_corrupt"
fail "the host is still there"
done_testing
