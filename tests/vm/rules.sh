# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Rules of Documentation/world-switch.txt that no guest can tell, watched from inside
# of the host: what a guest's CPU is given at each switch, and what happens in moments
# that modules make long.

. /vm/prog.sh

check "the module loads" load_module lguest
check "and one that watches the switch" \
	load_module switchwatch "text=$(cat /sys/module/lguest/sections/.text)"
log_mark

watched() {
	sed -n "s/^$1: //p" /proc/switchwatch
}

program memory_around
program memory_around-pae
program hostile_paging
program hostile_paging-pae
# from CPU to CPU, and with pages that come and go
ONLY=nothing_where_it_was program hostile_window
ONLY=other_page_over program memory
check "the tables were looked at, with what is in them" test "$(watched entries)" -gt 100000
is "$(watched leftovers)" 0 "where nothing is present there is nothing at all"
is "$(watched global)" 0 "no page was global"
is "$(watched unmapped)" 0 "no page had gone from its launcher"
is "$(watched missing)" 0 "of the host's pages there were those that must be"
is "$(watched foreign)" 0 "which the host has at the same place"
is "$(watched writable)" 0 "one to be written to"
is "$(watched executable)" 0 "one to be executed"
is "$(watched user)" 0 "none for ring 3"
diag "$(xargs < /proc/switchwatch)"

# Where the kernel clears the CPU's buffers for user space, so it is for guests.
if grep -q 'Clear CPU buffers' /sys/devices/system/cpu/vulnerabilities/mds; then
	is "$(watched verws)" "$(watched switches)" "the CPU's buffers were cleared for each run"
else
	is "$(watched verws)" 0 "the CPU's buffers need no clearing"
fi
unload_module switchwatch

# RCU hears of each interrupt that ended a run: the note's caller is in lguest.ko.
rcu_hears() {
	tracing
	TRACING=/sys/kernel/tracing
	# shellcheck disable=SC2016 # not the shell's
	echo 'p:note rcu_note_context_switch from=$stack0:x32' > $TRACING/kprobe_events
	# its address and its size
	range=$(awk '$1 == "lguest" { print $6, $2 }' /proc/modules)
	first=$((${range% *}))
	echo "from >= $first && from < $((first + ${range#* }))" > $TRACING/events/kprobes/note/filter
	echo 1 > $TRACING/events/kprobes/note/enable
	lguest run --mem 8M --kernel /tests/guests/worker --params "seed=1 rounds=500" --stats \
		> worker.out 2> worker.err < /dev/null
	echo 0 > $TRACING/events/kprobes/note/enable
	interrupts=$(sed -n 's/^irq_exits:[[:space:]]*//p' worker.err)
	check "interrupts ended runs of a guest" test "${interrupts:-0}" -gt 10
	# (up to 5.10 it hears of each run)
	check "RCU heard of each" test "$(grep -c ' note: ' $TRACING/trace)" -ge "$interrupts"
	echo > $TRACING/kprobe_events
}

rcu_hears

load_module flip
load_module stall
program rules_fetches
program rules_races
program rules_races-pae
unload_module flip
unload_module stall
quiet_log
check "the module unloads" unload_module lguest
done_testing
