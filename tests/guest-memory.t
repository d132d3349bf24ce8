#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guests report what they see of page tables.
. "$(dirname "$0")/lib/vm.sh"
vm_group guest-memory 240
done_testing
