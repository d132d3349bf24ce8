# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Test guests report in TAP themselves (tests/guests); here their results
# become part of the script's own.

. /vm/lib.sh

# no_execute: does the host forbid instruction fetches where PAE guests say so?
no_execute() {
	dmesg | grep -q 'NX (Execute Disable) protection: active'
}

# guest_tests NAME [ARGUMENT...]: boot a test guest, with more arguments for
# the launcher, and pass on its results; the last is that it came to its end.
# It has GUEST_MEM (32M), and GUEST_SECONDS (60) to live; it is in GUEST_DIR
# (/tests/guests), and what is typed in GUEST_INPUT (/dev/null).
guest_tests() {
	gt_name=$1
	shift
	run_tests "$gt_name" lguest run --mem "${GUEST_MEM:-32M}" \
		--kernel "${GUEST_DIR:-/tests/guests}/$gt_name" "$@"
}

# run_tests NAME COMMAND...: the same for any command that runs a guest
run_tests() {
	gt_name=$1 gt_seen=0 gt_plan=none gt_status=0
	shift
	timeout "${GUEST_SECONDS:-60}" "$@" \
		> "$gt_name.tap" 2> "$gt_name.err" < "${GUEST_INPUT:-/dev/null}" || gt_status=$?
	while IFS= read -r gt_line; do
		case $gt_line in
		'ok '*|'not ok '*)
			TAP_COUNT=$((TAP_COUNT + 1)) gt_seen=$((gt_seen + 1))
			gt_result=${gt_line%%ok *}ok
			echo "$gt_result $TAP_COUNT - $gt_name: ${gt_line#* - }"
			;;
		'1..0 # SKIP'*)
			gt_plan=0
			skip "$gt_name" "${gt_line#1..0 # SKIP }"
			;;
		1..*)
			gt_plan=${gt_line#1..}
			;;
		*)
			diag "${gt_line#\# }"
			;;
		esac
	done <<-END
		$(tr -d '\r' < "$gt_name.tap")
	END
	if [ "$gt_status $gt_plan" = "0 $gt_seen" ]; then
		pass "$gt_name: came to its end"
	else
		fail "$gt_name: came to its end"
		diag "status $gt_status, planned $gt_plan, seen $gt_seen"
		diag "$(cat "$gt_name.err")"
	fi
}
