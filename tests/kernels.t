#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels in what they come in, and with any amount of memory.
. "$(dirname "$0")/lib/vm.sh"
vm_group kernels 300
done_testing
