#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guests report what they see of calls and time.
. "$(dirname "$0")/lib/vm.sh"
vm_group guest-calls 240
done_testing
