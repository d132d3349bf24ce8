# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# For scripts that ask tests/lib/outside.pl for NMIs and machine checks while
# guests run, through /proc/eventwatch, and count on both sides.

. /vm/host-state.sh

# busy NAME [PARAMETERS]: start the guest "busy" on CPU 0, 1... (that is the end
# of its name); a newline in NAME.keys ends it; its pid is $!
busy() {
	mkfifo "$1.keys"
	taskset "$(cpu_mask "${1##*[!0-9]}")" lguest run --mem 16M --kernel /tests/guests/busy --stats \
		--params "${2:-}" <> "$1.keys" > "$1.out" 2> "$1.err" &
}

# busy_everywhere: one on each CPU
busy_everywhere() {
	pids=
	for cpu in $CPUS; do
		busy "guest$cpu" calls
		pids="$pids $!"
		check "a guest is busy on CPU $cpu" wait_for_line 30 "guest$cpu.out" '^busy'
	done
}

# end_busy: all must end well
end_busy() {
	for cpu in $CPUS; do
		echo > "guest$cpu.keys"
	done
	for pid in $pids; do
		wait "$pid" || fail "a guest's launcher ended with status $?"
	done
	for cpu in $CPUS; do
		is "$(tail -n 1 "guest$cpu.out")" "0 errors" "the one on CPU $cpu was not harmed"
	done
}

# interrupts LINE: how many the host has had, on all CPUs
interrupts() {
	awk -v line="$1:" '$1 == line { for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i }
		END { print n + 0 }' /proc/interrupts
}

# guests_count COUNTER: the sum over all guests that have ended
guests_count() {
	cat guest*.err | awk -v line="$1:" '$1 == line { n += $2 } END { print n + 0 }'
}

# watched COUNTER: what the module eventwatch counted
watched() {
	sed -n "s/^$1 //p" /proc/eventwatch
}

# ask COUNT EVENTS COMMAND...: and wait until all have come
ask() {
	echo "$@" > /proc/eventwatch
}

# same_on_both_sides COUNT LINE BEFORE NAME: so many events have come, beside the
# BEFORE that had; /proc/interrupts calls them LINE, eventwatch NAMEs, and lguest
# NAME_exits
same_on_both_sides() {
	is "$(($(interrupts "$2") - $3))" "$1" "the host has handled all $1"
	is "$(watched "${4}s")" "$1" "and knows whose they were"
	is "$(guests_count "${4}_exits")" "$(watched "${4}s_passed_on")" \
		"as many ended a guest's run as were passed on"
	check "some did" [ "$(guests_count "${4}_exits")" -gt 0 ]
}
