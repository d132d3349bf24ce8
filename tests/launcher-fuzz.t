#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The launcher's fuzzers, each with some thousand inputs from a seed, or those that a slow
# machine has time for: whatever a guest, a program beside the launcher, a caller or a file
# says, the sanitizers find nothing.  PROGRAMS is a pattern for those that are wanted.
# ("make fuzz" goes on for as long as is wanted.)
. "$(dirname "$0")/lib/vm.sh"

SEED=${SEED:-1} PROGRAMS=${PROGRAMS:-*}
FUZZ=$BUILD/fuzz
SECONDS_EACH=20

# what takes some ten seconds, on a fast machine
inputs_of() {
	case $1 in
	callers|servers)
		echo 400000
		;;
	agent|files)
		echo 80000
		;;
	*)
		echo 20000
		;;
	esac
}

try() {
	local name="$1: no input of many is too much for it"
	local inputs log=$LOGS/fuzz-$1.log artifact

	inputs=$(inputs_of "$1")
	rm -f "$FUZZ/$1"-crash-* "$FUZZ/$1"-leak-* "$FUZZ/$1"-timeout-* "$FUZZ/$1"-oom-*
	if "$FUZZ/$1" -seed="$SEED" -runs="$inputs" -max_total_time=$SECONDS_EACH -len_control=0 \
		-verbosity=0 -print_final_stats=1 -artifact_prefix="$FUZZ/$1-" > "$log" 2>&1; then
		pass "$name"
		diag "$1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
		return
	fi
	fail "$name"
	diag "$(grep -a -m 1 -A 9 -E 'ERROR|runtime error|deadly signal' "$log")"
	for artifact in "$FUZZ/$1"-*-*; do
		diag "to repeat: build/fuzz/$1 ${artifact#"$TOP"/}"
	done
}

if ! log=$(make -s -C "$TOP/launcher" fuzz-build 2>&1); then
	fail "the fuzzers build"
	diag "$log"
	done_testing
	exit
fi
for fuzzer in $(make -s -C "$TOP/launcher" fuzz-list); do
	# shellcheck disable=SC2053 # a pattern
	[[ $fuzzer != $PROGRAMS ]] || try "$fuzzer"
done
done_testing
