# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# What guests see of traps: gates, frames, refused instructions, segments.

. /vm/prog.sh
. /vm/guest-tap.sh

check "the module loads" load_module lguest
guest_tests gates
guest_tests ports
guest_tests refused
guest_tests frames
guest_tests nested
guest_tests segments
program syscalls
check "the module unloads" unload_module lguest
done_testing
