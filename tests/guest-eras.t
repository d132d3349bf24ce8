#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guests of each era of the ABI.
. "$(dirname "$0")/lib/vm.sh"
vm_group guest-eras 400
done_testing
