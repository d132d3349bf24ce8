#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module comes and goes, and the host is as it was; where the switcher
# lives; what CPUs lose and get back.
. "$(dirname "$0")/lib/vm.sh"
vm_group module 360
case $HOST in
few-cpus*)
	vm_group module-entry-area 360
	;;
*amd64*)
	skip module-place "a 64-bit host's switcher has no place of its own"
	;;
*)
	vm_group module-place 360
	;;
esac
vm_group module-cpus 360

# What QEMU has no use for, or what takes longer without, and no more: in the code
switch_has() {
	objdump -dr "$TOP/host_cpu.o" | sed -n '/<enter_guest_world>:/,/^$/p' | grep -q "$1"
}

check "the processor's buffers are cleared for a guest, where they must be" switch_has verw
check "RCU is told that a guest was interrupted" switch_has rcu_note_context_switch
done_testing
