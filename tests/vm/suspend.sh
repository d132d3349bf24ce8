# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Suspend to RAM, woken up by tests/lib/outside.pl: with the module idle, with
# guests that work and one that is halted.

. /vm/sleep.sh

sleep_in_memory() {
	check "$1: the host sleeps and wakes up" sh -c 'echo mem > /sys/power/state'
}

if ! grep -q deep /sys/power/mem_sleep; then
	skip_all "this machine cannot suspend to RAM"
fi

load_module hoststate
load_module lguest
state idle
sleep_in_memory idle
unchanged_since idle idle
is "$(differences idle now)" "" "idle: all is mapped as before"
hello 0
hello $((SMP - 1))
state idle

start_guests
state at-work
for round in 1 2; do
	sleep_in_memory "at work $round"
	unchanged_since at-work "at work $round"
	is "$(pges now)" "$(pges_with_guests)" "at work $round: global pages are as with guests"
	go_on "at work $round"
done
end_guests

# The kernel turns SYSENTER on when the boot CPU wakes up: no guest may have it.
on_cpu 0 lguest run --mem 16M --kernel /tests/guests/refused > refused.out 2>&1
is "$(grep -c "^ok.*sysenter" refused.out) $(grep -c "^not ok" refused.out)" "2 0" \
	"guests have no SYSENTER" || diag "$(cat refused.out)"

for cpu in $CPUS; do
	check "a guest runs on CPU $cpu" hello "$cpu"
done
state after
is "$(differences idle after)" "" "all is as before the first guest"
unload_module lguest
done_testing
