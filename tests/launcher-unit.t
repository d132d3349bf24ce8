#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The launcher's pure parts do what they should, whatever a guest or file says.
. "$(dirname "$0")/lib/vm.sh"

if ! log=$(make -s -C "$TOP/launcher" unit-build 2>&1); then
	fail "the unit tests build"
	diag "$log"
fi
tests=$(make -s -C "$TOP/launcher" unit-list)
for test in $tests; do
	unit_test "$BUILD/launcher-unit/$test"
done
[[ " $tests " = *" test-format "* ]] ||
	skip "the 32-bit launcher's" "this machine does not run programs of 32 bits"
[[ $tests = *threads-* ]] ||
	skip "threads under gcc's sanitizer for them" "it does not run on this machine"
done_testing
