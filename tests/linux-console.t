#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The console of Linux as a guest: what is piped into it, and much that it prints.
. "$(dirname "$0")/lib/vm.sh"

[ -e "$TOP/build/linux/linux" ] || skip_all "no Linux guest was built: make linux-guest"
LINUX=linux vm_group linux-console 300
done_testing
