#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The launcher does its work, with real guests.
. "$(dirname "$0")/lib/vm.sh"
vm_group launcher 400
vm_group control 400
done_testing
