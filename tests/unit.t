#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module's pure headers do what the processor manual says.
. "$(dirname "$0")/lib/vm.sh"

if ! log=$(make -s -C "$TOP/tests/unit" 2>&1); then
	fail "the unit tests build"
	diag "$log"
fi
for test in $(make -s -C "$TOP/tests/unit" list); do
	unit_test "$BUILD/unit/$test"
done
done_testing
