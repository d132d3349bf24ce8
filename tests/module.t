#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module comes and goes, and the host is as it was; where the switcher
# lives; what CPUs lose and get back.
. "$(dirname "$0")/lib/vm.sh"
vm_group module 200
case $HOST in
few-cpus*)
	vm_group module-entry-area 200
	;;
*)
	vm_group module-place 200
	;;
esac
vm_group module-cpus 200
done_testing
