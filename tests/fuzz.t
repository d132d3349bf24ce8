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
# (QEMU, 7.2, dies of some instructions of AVX's that no processor has.)
case $CPU in
bochs*|*,-avx)
	;;
*)
	CPU=$CPU,-avx
	;;
esac
# The kernel looks whether somebody has written to what he has given back; those that are
# for debugging know who that was.
APPEND="${APPEND:+$APPEND }page_poison=1 slub_debug=FZP"
case $HOST in
debug-*)
	APPEND+=" page_owner=on"
	;;
esac
export CPU APPEND
vm_group fuzz $LIMIT SEED="$SEED" SECONDS_EACH=$SECONDS_EACH ENTRIES="$ENTRIES" \
	REQUESTS="$REQUESTS" FIRST="$FIRST" GUESTS="$GUESTS"
# how much there was
sed -nE 's/^# ([0-9]+ (guests|sessions|direct faults|replies|came).*)/\1/p' "$(log_of fuzz).out" |
	tr -d '\r' | while read -r LINE; do
	diag "$LINE"
done

# Two guests run at once, one of even numbers; a host that is no more does not say which of
# them it was.
last_ones() {
	tr -d '\r' < "$1" | sed -nE 's/^# (guest|session) ([0-9]+)$/\1 \2/p' |
		awk '{ kind = $1; last[$1, $2 % 2] = $2 }
			END { print last[kind, 0]; print last[kind, 1] }'
}

if [ "$TAP_STATUS" != 0 ]; then
	for NUMBER in $(last_ones "$(log_of fuzz).out"); do
		diag "one of the last: make check T=fuzz HOST=$HOST CPU=$CPU SMP=$SMP" \
			"SEED=$SEED FIRST=$NUMBER GUESTS=1"
	done
fi
done_testing
