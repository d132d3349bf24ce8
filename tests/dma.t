#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What guests send arrives, at their launchers and at other guests.
. "$(dirname "$0")/lib/vm.sh"
vm_group dma 240
done_testing
