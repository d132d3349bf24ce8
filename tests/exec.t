#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Commands in the guest: their arguments, streams and status, how it all can end, and who
# starts them.
. "$(dirname "$0")/lib/vm.sh"
[ -f "$TOP/build/linux/linux" ] || skip_all "no Linux guest was built: make linux-guest"
LINUX=linux MEM=${MEM:-768M} vm_group exec 600
LINUX=linux MEM=${MEM:-768M} vm_group exec-callers 600
done_testing
