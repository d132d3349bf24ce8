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
*)
	vm_group module-place 360
	;;
esac
vm_group module-cpus 360
done_testing
