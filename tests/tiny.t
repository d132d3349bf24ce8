#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The small guests: hello, the guest library, and tiny, which does real work.
. "$(dirname "$0")/lib/vm.sh"
vm_group tiny 240
done_testing
