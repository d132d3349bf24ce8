#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guests die alone, and their launchers hear why.
. "$(dirname "$0")/lib/vm.sh"
vm_group deaths 250
done_testing
