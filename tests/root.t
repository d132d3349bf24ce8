#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Files of the host's for Linux as a guest: what it can do with them, by each server.
. "$(dirname "$0")/lib/vm.sh"
[ -f "$TOP/build/linux/linux" ] || skip_all "no Linux guest was built: make linux-guest"
# QEMU's virtiofsd does not work on 32-bit machines.
SERVERS=diod
[ "${HOST%amd64}" = "$HOST" ] || SERVERS+=' virtiofsd:amd64'
SERVERS=$SERVERS LINUX=linux MEM=${MEM:-1G} vm_group root 600
done_testing
