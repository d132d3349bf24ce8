#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module against guests and launchers that do anything, from a seed: a short time of
# it, or MINUTES, or until there were ENTRIES into guests and REQUESTS of launchers.  SEED
# repeats a run, and with FIRST and GUESTS some of its guests ("make fuzz").

. "$(dirname "$0")/lib/vm.sh"

SEED=${SEED:-1} ENTRIES=${ENTRIES:-0} REQUESTS=${REQUESTS:-0} FIRST=${FIRST:-0} GUESTS=${GUESTS:-0}
SECONDS_EACH=20
LIMIT=300
if [ -n "${MINUTES:-}" ]; then
	SECONDS_EACH=$((MINUTES * 30))
	LIMIT=$((LIMIT + MINUTES * 60))
fi
if [ "$ENTRIES$REQUESTS$GUESTS" != 000 ]; then
	SECONDS_EACH=0 LIMIT=36000
fi
vm_group fuzz $LIMIT SEED="$SEED" SECONDS_EACH=$SECONDS_EACH ENTRIES="$ENTRIES" \
	REQUESTS="$REQUESTS" FIRST="$FIRST" GUESTS="$GUESTS"
done_testing
