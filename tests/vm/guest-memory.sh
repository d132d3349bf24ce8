# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# What guests see of memory: page tables of both formats, and many directories.

. /vm/guest-tap.sh

nx=
no_execute && nx=nx
diag "no-execute: ${nx:-not here}"

check "the module loads" load_module lguest
for format in '' -pae; do
	guest_tests "library$format"
	guest_tests "paging$format" --params "$nx"
	guest_tests "sets$format"
	guest_tests "nested$format"
done
check "the module unloads" unload_module lguest
done_testing
