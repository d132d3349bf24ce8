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
vm_group_core2duo rules-verw 120
done_testing
