#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guests' virtio drivers, of each era, and the launcher's devices.
. "$(dirname "$0")/lib/vm.sh"
vm_group guest-virtio 500
done_testing
