# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# What guests see of calls and time: the ring, the FPU, interrupts, the clock.

. /vm/guest-tap.sh

check "the module loads" load_module lguest
guest_tests ring
guest_tests fpu
check "the module unloads" unload_module lguest
done_testing
