#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the processor can, what guests may see of it, and processors that lack
# something.
. "$(dirname "$0")/lib/vm.sh"
vm_group features 150
done_testing
