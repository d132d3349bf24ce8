#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The host has no memory, for each allocation in turn: errors that say so, and nothing
# that stays behind.
. "$(dirname "$0")/lib/vm.sh"
vm_group shortage 400
done_testing
