# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# What guests see of memory: page tables, and many directories.

. /vm/guest-tap.sh

check "the module loads" load_module lguest
guest_tests paging
guest_tests sets
check "the module unloads" unload_module lguest
done_testing
