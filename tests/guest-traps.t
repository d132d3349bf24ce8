#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guests report what they see of traps and protection.
. "$(dirname "$0")/lib/vm.sh"
vm_group guest-traps 240
done_testing
