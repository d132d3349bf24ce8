#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Interrupts come when they may, in order, and none is lost.
. "$(dirname "$0")/lib/vm.sh"
vm_group irq 240
done_testing
