# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# TAP for shell scripts, on both sides of the VM's wall: each function that
# takes a NAME prints one result.  The last one is done_testing, without which
# a script counts as broken off.

TAP_COUNT=0

diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT - $*"
}

fail() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "not ok $TAP_COUNT - $*"
}

# skip NAME REASON
skip() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# check NAME COMMAND...: does it succeed?  Its output is shown if not.
check() {
	tap_name=$1
	shift
	if tap_output=$("$@" 2>&1); then
		pass "$tap_name"
	else
		fail "$tap_name"
		diag "failed: $*"
		diag "$tap_output"
		return 1
	fi
}

# check_fails NAME COMMAND...: does it fail, as it should?
check_fails() {
	tap_name=$1
	shift
	if tap_output=$("$@" 2>&1); then
		fail "$tap_name"
		diag "this should not have worked: $*"
		diag "$tap_output"
		return 1
	else
		pass "$tap_name"
	fi
}

# is GOT WANTED NAME
is() {
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3"
		diag "     got: $1"
		diag "expected: $2"
		return 1
	fi
}

# like TEXT REGEX NAME: does some line of the text match?
like() {
	if printf '%s\n' "$1" | grep -qE -e "$2"; then
		pass "$3"
	else
		fail "$3"
		diag "no line matches: $2"
		diag "$1"
		return 1
	fi
}

unlike() {
	if printf '%s\n' "$1" | grep -qE -e "$2"; then
		fail "$3"
		diag "a line matches: $2"
		diag "$1"
		return 1
	else
		pass "$3"
	fi
}

done_testing() {
	echo "1..$TAP_COUNT"
}
