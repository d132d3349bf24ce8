#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What Linux as a guest gives back of its memory.
. "$(dirname "$0")/lib/vm.sh"

[ -e "$TOP/build/linux/linux" ] || skip_all "no Linux guest was built: make linux-guest"
LINUX=linux PROGRAMS='' vm_group linux-balloon 600
done_testing
