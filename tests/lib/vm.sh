# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For the .t files: runs the parts of a test that give TAP of their own (a
# script in a host VM, a unit test), numbers their results through, and judges
# what no script can say of itself: that it came to its end, and what the host
# kernel's log says.

. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/common.sh"
. "$TOP/tests/vm/tap.sh"
set +e	# a test goes on where a script would give up

HOST=${HOST:-686} CPU=${CPU:-max} SMP=${SMP:-2}
# What LINUX="..." of "make check" asks for is linux.t's business: kernels and their ramdisk
# would fill the memory of those machines that have little.
# shellcheck disable=SC2034 # for who sources this
LINUX_WANTED=${LINUX:-}
unset LINUX
LOGS=$BUILD/logs
mkdir -p "$LOGS"

# What must never be in the host's log; and taint that is expected of a module
# from outside (O, 12) without a signature (E, 13).
BAD_NEWS='BUG:|WARNING:|INFO: possible|UBSAN:|ODEBUG:|suspected memory leaks|Oops|Call Trace|lockup|\bstall|general protection fault|Kernel panic|unable to handle|nobody cared|scheduling while atomic|hung_task|blocked for more than|leaked|bad page|Bad page'
INIT='Run .init as init process'
EXPECTED_TAINT=$((1 << 12 | 1 << 13))

# Pass on the TAP of a command, numbered anew; what else it prints goes to the
# file $1, and here only after a failed test.  TAP_PLAN is the plan it gave.
tap_of() {
	local out=$1 line show=
	shift

	TAP_PLAN='' TAP_SEEN=0 TAP_STATUS=
	while IFS= read -r line || [ -n "$line" ]; do
		line=${line%$'\r'}
		echo "$line" >&3
		case $line in
		"@ended "*)
			TAP_STATUS=${line#@ended }
			;;
		'1..0 # SKIP'*)
			TAP_PLAN=0
			skip "${out##*/}" "${line#1..0 # SKIP }"
			;;
		1..*)
			TAP_PLAN=${line#1..}
			;;
		'ok '*|'not ok '*)
			TAP_COUNT=$((TAP_COUNT + 1)) TAP_SEEN=$((TAP_SEEN + 1))
			show=
			[ "${line#not}" = "$line" ] || show=1
			sed -E "s/^((not )?ok)( [0-9]+)?/\1 $TAP_COUNT/" <<< "$line"
			;;
		*)
			[ -z "$show" ] || echo "# ${line#\# }"
			;;
		esac
	done < <("$@" 2>&1; printf '\n@ended %s\n' $?) 3> "$out"
}

# one result: did that command say all that it had to say?
complete() {
	local out=$1 name=$2 why=

	case $TAP_STATUS in
	124)
		why="it did not end in time"
		;;
	125)
		why="the VM died before the script ended"
		;;
	esac
	if [ -z "$why" ] && [ -z "$TAP_PLAN" ]; then
		why="it broke off before its end (status $TAP_STATUS)"
	elif [ -z "$why" ] && [ "$TAP_PLAN" != "$TAP_SEEN" ]; then
		why="it planned $TAP_PLAN tests but made $TAP_SEEN"
	elif [ -z "$why" ] && [ "$TAP_STATUS" != 0 ]; then
		why="its exit status is $TAP_STATUS"
	fi
	if [ -z "$why" ]; then
		pass "$name"
	else
		fail "$name"
		diag "$why; the end of what it said (${out#"$TOP"/}):"
		tail -n 15 "$out" | sed 's/^/#   /'
		return 1
	fi
}

# the part of a host's log that a test is to answer for; of a host that did not
# get there, how far it came
since_init() {
	if grep -q "$INIT" "$1"; then
		sed "1,/$INIT/d" "$1"
	else
		tail -n 15 "$1"
	fi | tr -d '\r'
}

# one result: is the host's log clean?  What precedes init is the stock
# kernel's own affair.
clean_log() {
	local log=$1 name=$2 bad before after

	bad=$(since_init "$log" | grep -E "$BAD_NEWS" | head -n 5)
	before=$(sed -n 's/^taint //p' "$log.status")
	after=$(sed -n 's/^tainted //p' "$log.status")
	if [ -z "$bad" ] && [ -n "$after" ] &&
	   [ $((after & ~(before | EXPECTED_TAINT))) = 0 ]; then
		pass "$name"
		return
	fi
	fail "$name"
	[ -z "$bad" ] || diag "the host's log has: $bad"
	diag "the kernel's taint was ${before:-unknown} and became ${after:-unknown}"
	diag "the end of the host's log (${log#"$TOP"/}):"
	since_init "$log" | tail -n 60 | sed 's/^/#   /'
}

# log_of NAME: where the log of a group is, on this machine, but for what follows a dot
log_of() {
	echo "$LOGS/$1-$HOST-${CPU//,/}-$SMP${LAUNCHER:+-$LAUNCHER}${APPEND:+-${APPEND//[^A-Za-z0-9=.]/-}}"
}

# how much longer all takes on this host's kernel than on others
slowness() {
	case $HOST in
	debug-*)
		echo 4
		;;
	*)
		echo 1
		;;
	esac
}

# vm_group NAME [SECONDS [VARIABLE=VALUE...]]: run tests/vm/NAME.sh, with these
# in its environment, in a VM that has so long to live
vm_group() {
	local name=$1 limit=$((${2:-300} * $(slowness))) log
	shift $(($# < 2 ? $# : 2))

	log=$(log_of "$name")
	rm -f "$log".*
	tap_of "$log.out" "$TOP/scripts/vm" -t "$limit" -l "$log.log" "$TOP/tests/vm/$name.sh" "$@"
	touch "$log.log" "$log.log.status"
	complete "$log.out" "$name: came to its end"
	clean_log "$log.log" "$name: the host's log is clean"
}

# vm_group_core2duo NAME [SECONDS [VARIABLE=VALUE...]]: vm_group on a CPU that is older than
# max: its TSC is a clock, and its buffers want clearing.  (Not on all machines: beside max.)
vm_group_core2duo() {
	local cpu=core2duo

	[ "$CPU $SMP" = "max 2" ] || return 0
	case $HOST in
	*amd64*)
		;;
	*)
		cpu+=,-lm,-syscall
		;;
	esac
	CPU=$cpu vm_group "$@"
}

# unit_test PROGRAM: run a test program here, not in a VM
unit_test() {
	local out=$LOGS/${1##*/}.out

	tap_of "$out" timeout 120 "$@"
	complete "$out" "${1##*/}: came to its end"
}
