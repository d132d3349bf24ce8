#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What only the host can know: what it gives a guest's CPU, and what it does in the
# moments between a check and what follows from it.
. "$(dirname "$0")/lib/vm.sh"
# With a thread for each CPU QEMU 7.2 lets a 64-bit host fall, once in many times, that
# puts a probe into its own scheduler.
case $HOST in
*amd64*)
	export ACCEL=tcg,thread=single
	;;
esac
vm_group rules 300
# (a VM of its own, so not on all machines)
if [ "$CPU $SMP" = "max 2" ]; then
	case $HOST in
	*amd64*)
		CPU=core2duo vm_group rules-verw 120
		;;
	*)
		CPU=core2duo,-lm,-syscall vm_group rules-verw 120
		;;
	esac
fi
done_testing
