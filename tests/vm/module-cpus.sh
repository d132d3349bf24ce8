# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# What CPUs must do without while there are guests, and when they get it back:
# global pages, and SYSENTER.  Then CPUs that go and come.

. /vm/host-state.sh

load_module hoststate
load_module userwatch
log_mark
state before
host_pge=$(pges before)
with_guests=$(pges_with_guests)
load_module lguest
state idle
is "$(pges idle)" "$host_pge" "idle, the module leaves global pages on"

worker one seed=1
one=$!
at_work one
state during
is "$(pges during)" "$with_guests" "with a guest they are on all CPUs as they should"
is "$(differences idle during | grep -v ^cr4 | but_of_guests)" "" \
	"nothing else has changed but SYSENTER, SYSCALL and the guest's pages"
worker two seed=2
two=$!
at_work two
runner=$(child_of $two)
end_worker one $one
state during
is "$(pges during)" "$with_guests" "with the second of two guests, too"

for round in 1 2 3; do
	kill -STOP "$runner"
	check "round $round: the guest is stopped" wait_for 60 stopped "$runner"
	state stopped
	is "$(differences idle stopped | grep -v '^pte\|^cr4' | xargs)" "" \
		"round $round: user space has SYSENTER and SYSCALL"
	kill -CONT "$runner"
done
kill -KILL "$runner"
wait $two 2> /dev/null
state idle-again
is "$(pges idle-again)" "$host_pge" "after the last guest they are on again"
is "$(differences idle idle-again)" "" "all is as before the first"

# Guests that leave for their launchers all the time, with output, and that the
# host takes the CPU from.
watched() {
	sed -n "s/^$1 //p" /proc/userwatch
}

pids='' runners=''
for n in 1 2 3; do
	worker "watched$n" "seed=$n"
	at_work "watched$n"
	pids="$pids $!"
	runners="$runners $(child_of $!)"
done
enough() {
	[ "$(watched in_user)" -gt 300 ] && [ "$(watched sysenter_off)" -gt 300 ]
}

if grep -q '^flags.* sep' /proc/cpuinfo; then
	check "user space and guests were seen at work" wait_for 60 enough ||
		diag "$(cat /proc/userwatch)"
fi
# shellcheck disable=SC2086 # three of them
kill -KILL $runners
# shellcheck disable=SC2086
wait $pids 2> /dev/null
diag "$(cat /proc/userwatch)"
is "$(watched without_sysenter)" 0 "user space was never seen without SYSENTER"
is "$(watched without_syscall)" 0 "nor without SYSCALL, where it is used"
if is_64bit; then
	check "which guests do without" test "$(watched syscall_off)" -gt 0
fi
is "$(watched wrong_cr)" 0 "nor the host with other control registers"
unload_module userwatch
state after
is "$(differences idle after)" "" "all is as before"
unload_module lguest
quiet_log

if [ "$SMP" -lt 2 ]; then
	skip "CPUs go and come" "there is only one"
	done_testing
	exit
fi

# cpu1 0 or 1: take it offline, or online
cpu1() {
	echo "$1" > /sys/devices/system/cpu/cpu1/online &&
		[ "$(cat /sys/devices/system/cpu/cpu1/online)" = "$1" ]
}

log_mark
# the CPU came back with what a CPU has that was there all the time
check "CPU 1 can go without the module" cpu1 0
check "and come" cpu1 1
state before

load_module lguest
state idle
text=$(diff -U 0 before idle | sed -n 's/^+pte \([0-9a-f]*\) .*/0x\1/p' | sort | head -n 1)
# pages_of CPU: the names in the host's state of what a 32-bit host maps of a guest that
# is there
pages_of() {
	is_64bit || printf 'pte %x\n' $((text + ($1 * 3 + 1) * 4096)) $((text + ($1 * 3 + 2) * 4096))
}
check "CPU 1 goes from the idle module" cpu1 0
check "a guest runs on CPU 0" hello 0
check "CPU 1 comes back" cpu1 1
state now
is "$(differences idle now)" "" "as it was"
check "a guest runs on it" hello 1

worker cold seed=3 taskset 1
cold=$!
at_work cold
check "CPU 1 goes while there is a guest" cpu1 0
state now
is "$(pges now)" "$(pges_with_guests)" "global pages on the others are as with guests"
check "CPU 1 comes while there is a guest" cpu1 1
state now
is "$(pges now)" "$(pges_with_guests)" "and so they are on this one"
check "another guest runs on it" hello 1
state now
is "$(differences idle now | grep ^pte)" "$(pages_of 0)" \
	"when that one has ended, only the first one's pages are mapped"
check "CPU 1 goes once more" cpu1 0
end_worker cold $cold
state now
is "$(pges now)" "$(each "${host_pge%% *}")" "the last guest ends without it"
awk '/^cpu / { skip = $2 == 1 } !skip' idle > idle-without
is "$(differences idle-without now)" "" "and leaves no page of a guest's mapped"
check "CPU 1 comes back" cpu1 1
state now
is "$(differences idle now)" "" "as it was before all guests"
check "a guest runs on it" hello 1

worker moved seed=4 taskset 2
moved=$!
at_work moved
check "CPU 1 goes with a guest that wants no other" cpu1 0
lines=$(wc -l < moved.out)
further() {
	[ "$(wc -l < moved.out)" -gt $((lines + 1)) ]
}
check "the guest goes on elsewhere" wait_for 60 further
state now
is "$(differences idle-without now | grep -cxF "$(pages_of 1 | grep . || echo pte)")" 0 \
	"and its pages are no longer mapped where it was"
check "CPU 1 comes back" cpu1 1
end_worker moved $moved

worker left seed=5 taskset 2
left=$!
at_work left
check "CPU 1 goes in the middle of a guest's work" cpu1 0
end_worker left $left
unload_module lguest
check "and comes after the module has gone" cpu1 1
check "programs run on it" on_cpu 1 true
state after
is "$(differences before after)" "" "nothing was left behind on it"
cpu1 0
check "without CPU 1 the module loads" load_module lguest
check "then CPU 1 comes" cpu1 1
check "and a guest runs on it" hello 1
unload_module lguest
state after
is "$(differences before after)" "" "nothing was left behind"
unlike "$(log_since)" 'lguest: ' "the log says nothing of the module"
done_testing
