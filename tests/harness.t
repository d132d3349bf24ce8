#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The host VM boots, runs a script, and tells how it went.
. "$(dirname "$0")/lib/vm.sh"
vm_group harness 240
done_testing
