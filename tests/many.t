#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Many guests, at once and one after the other.
. "$(dirname "$0")/lib/vm.sh"
vm_group many 300
done_testing
