# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# What guests see of calls and time: the ring, the FPU, interrupts, the clock.

. /vm/guest-tap.sh

check "the module loads" load_module lguest
guest_tests ring
# a second guest with other values in the same registers
lguest run --mem 32M --kernel /tests/guests/fpu > other.tap 2>&1 < /dev/null &
other=$!
guest_tests fpu
wait $other
is $? 0 "fpu: the other guest came to its end"
unlike "$(cat other.tap)" '^not ok' "fpu: and found its registers, too"
guest_tests clock
for n in 1 2 3; do
	dd if=/dev/zero of=disk$n bs=4k count=16 2> /dev/null
done
guest_tests interrupts --disk disk1 --disk disk2 --disk disk3
check "the module unloads" unload_module lguest
done_testing
