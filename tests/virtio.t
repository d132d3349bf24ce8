#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the launcher does for guests of 2.6.24 to 3.19, besides their devices.
. "$(dirname "$0")/lib/vm.sh"
vm_group virtio 400
done_testing
