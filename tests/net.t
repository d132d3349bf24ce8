#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The launcher's networks: by a bridge, by a tap with offloads, by passt.
. "$(dirname "$0")/lib/vm.sh"
SERVERS=passt MODULES='drivers/net/dummy.ko net/bridge/bridge.ko' vm_group net 600
done_testing
