#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What guests send arrives, at their launchers and at other guests.
. "$(dirname "$0")/lib/vm.sh"
# (the kernel spoils the memory of tasks that are no more, in case somebody looks)
APPEND="${APPEND:-} slub_debug=FP,task_struct,mm_struct" MODULES=fs/fuse/fuse.ko \
	vm_group dma 300
done_testing
