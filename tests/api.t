#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# /dev/lguest answers every request as the classic ABI has it, and lets go of
# everything however its launcher ends.
. "$(dirname "$0")/lib/vm.sh"
vm_group api 240
done_testing
