# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Many guests: at once, killed among others, moved from CPU to CPU, and one
# after the other.  Each computes (tests/guests/worker), and must come to what
# the same numbers give alone.

. /vm/host-state.sh

MANY=20
ROUNDS=100

# sum_of NAME: what it came to, or whatever it said
sum_of() {
	sed -n 's/^seed.* sum \([0-9a-f]*\), 0 errors$/\1/p' "$1.out" | grep . ||
		tail -n 2 "$1.out" "$1.err"
}

# guest_time PID: of that launcher, in ticks
guest_time() {
	sed 's/^.*) //' "/proc/$1/stat" | cut -d' ' -f41
}

# and that of all CPUs
all_guest_time() {
	awk '/^cpu / { print $10 }' /proc/stat
}

load_module hoststate
state before
check "the module loads" load_module lguest
state idle
log_mark

worker alone "seed=1 rounds=$ROUNDS"
wait $!
reference=$(sum_of alone)
like "$reference" '^[0-9a-f]{8}$' "a guest computes"
like "$(cat alone.out)" 'the clock ticked' "with interrupts"
worker again "seed=1 rounds=$ROUNDS"
wait $!
is "$(sum_of again)" "$reference" "another one comes to the same"
worker other "seed=2 rounds=$ROUNDS"
wait $!
check_fails "other numbers give another sum" test "$(sum_of other)" = "$reference"

# Many at once, started by a key when all are there.  Those with an even number
# get seed 2, and every fourth works until it is killed among the others.
crowd() {
	killed='' good=0 alive=0
	for n in $(seq $MANY); do
		rounds=$ROUNDS
		[ $((n % 4)) = 0 ] && rounds=0
		worker "crowd$n" "wait seed=$((2 - n % 2)) rounds=$rounds"
		eval "crowd$n=$!"
	done
	for n in $(seq $MANY); do
		wait_for_line 60 "crowd$n.out" waiting && alive=$((alive + 1))
	done
	for n in $(seq $MANY); do
		echo > "crowd$n.keys"
	done
	for n in $(seq 4 4 $MANY); do
		wait_for_line 60 "crowd$n.out" working &&
			eval "kill -KILL \$crowd$n" && killed="$killed $n"
	done
	for n in $(seq $MANY); do
		eval "wait \$crowd$n" 2> /dev/null
		[ $((n % 4)) = 0 ] && continue
		wanted=$reference
		[ $((n % 2)) = 0 ] && wanted=$(sum_of other)
		if [ "$(sum_of "crowd$n")" = "$wanted" ]; then
			good=$((good + 1))
		else
			diag "guest $n: $(sum_of "crowd$n")"
		fi
	done
}

time_before=$(all_guest_time)
crowd
is $alive $MANY "$MANY guests at once"
is "$killed" " 4 8 12 16 20" "some of them are killed at work"
is $good $((MANY * 3 / 4)) "all the others come to what they should"
is "$(pidof lguest)" "" "no launcher is left"
check "/proc/stat has the time of guests" test "$(all_guest_time)" -gt "$time_before"
memory=$(memory_in_use)
crowd
is $good $((MANY * 3 / 4)) "and so do those of the next crowd"
# (what the kernel keeps for so many processes varies by 150 kB; a page or two
# per guest would show below, with more guests)
check "all memory comes back" wait_for 30 in_use_below $((memory + 500))
diag "$memory kB before, $(memory_in_use) kB after"

# The time that a guest runs is its launcher's guest time, and user time.
worker timed seed=3
timed=$!
at_work timed
runner=$(child_of $timed)
accounted() {
	[ "$(guest_time "$runner")" -gt 40 ]
}
check "a launcher's guest time grows" wait_for 60 accounted
# (user time is scaled to what the scheduler measured, guest time is not)
utime=$(sed 's/^.*) //' "/proc/$runner/stat" | cut -d' ' -f12)
check "and is user time, too" test "$utime" -ge 10
end_worker timed $timed

# Always on the move; then the same at rest.
if [ "$SMP" -gt 1 ]; then
	worker nomad seed=1
	nomad=$!
	at_work nomad
	runner=$(child_of $nomad)
	moves=0
	for n in $(seq 60); do
		taskset -p "$(printf %x $((1 << n % SMP)))" "$runner" > /dev/null &&
			moves=$((moves + 1))
	done
	is $moves 60 "a guest is moved between CPUs"
	end_worker nomad $nomad
	rounds=$(sed -n 's/^seed.* rounds \([0-9]*\) .*/\1/p' nomad.out)
	worker settled "seed=1 rounds=$rounds"
	wait $!
	is "$(sum_of nomad)" "$(sum_of settled)" "it comes to the same as one at rest"
	diag "in $rounds rounds"
else
	skip "a guest is moved between CPUs" "there is only one"
fi

# Many, one after the other; from each CPU in turn.
failed=0
short_guests() {
	for n in $(seq "$1"); do
		hello $((n % SMP)) || failed=$((failed + 1))
	done
}

no_leak "200 short guests leave no memory behind" 200 10 short_guests 20
is $failed 0 "all of them said hello"

state now
is "$(differences idle now)" "" "the CPUs are as they were before the first"
is "$(cat /sys/module/lguest/refcnt)" 0 "no guest is left"
check "the module unloads" unload_module lguest
state now
is "$(differences before now)" "" "and leaves nothing behind"
quiet_log
done_testing
