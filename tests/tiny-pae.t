#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The small guests with PAE page tables.
. "$(dirname "$0")/lib/vm.sh"
vm_group tiny-pae 240
done_testing
