#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Directories of the host that guests share.
. "$(dirname "$0")/lib/vm.sh"
SERVERS=diod vm_group share 300
done_testing
