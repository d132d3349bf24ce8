#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Commands in the guest: their arguments, streams and status, and how it all can end.
. "$(dirname "$0")/lib/vm.sh"
[ -f "$TOP/build/linux/linux" ] || skip_all "no Linux guest was built: make linux-guest"
LINUX=linux MEM=${MEM:-768M} vm_group exec 600
done_testing
