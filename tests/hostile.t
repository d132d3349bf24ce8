#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whatever a guest does to its processor, it harms nobody else.
. "$(dirname "$0")/lib/vm.sh"
vm_group hostile 400
CPU="$CPU,-hypervisor" vm_group meddler 240
done_testing
