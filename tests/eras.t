#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The host does for launchers and guests of each later era what their releases
# of Linux had it do, and recognises them.
. "$(dirname "$0")/lib/vm.sh"
# (see dma.t)
APPEND="${APPEND:-} slub_debug=FP,task_struct,mm_struct" vm_group eras 900
done_testing
