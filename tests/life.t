#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guests, launchers and the module itself come and go many times, and nothing stays.  LIFE is
# how many guests, SEED chooses the moments at which launchers are killed: a run says its own.
. "$(dirname "$0")/lib/vm.sh"
LIFE=${LIFE:-300} SEED=${SEED:-$RANDOM}
vm_group life $((240 + LIFE)) "LIFE=$LIFE" "SEED=$SEED"
done_testing
