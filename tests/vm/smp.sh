# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Guests started, moved, kicked, stopped and killed from every CPU to every CPU,
# and CPUs that come up for the first time while there are guests.

. /vm/host-state.sh

# move PID CPU: all of its tasks
move() {
	for task in "/proc/$1/task/"*; do
		taskset -p "$(cpu_mask "$2")" "${task##*/}" > /dev/null
	done
}

# counter PID NAME: of the guest's
counter() {
	cat "/proc/$1/fdinfo/"* | sed -n "s/^$2:[[:space:]]*//p"
}

# above N PID NAME: the guest's counter is
above() {
	[ "$(counter "$2" "$3")" -gt "$1" ]
}

# more NAME PID COUNTER: it goes up
more() {
	check "$1" wait_for 30 above "$(counter "$2" "$3")" "$2" "$3"
}

# a guest on CPU $1 that leaves it for interrupts only, its launcher's other
# tasks on CPU $2; its pid is in the variable spinner
start_spinner() {
	rm -f spinner.*
	mkfifo spinner.keys
	taskset "$(cpu_mask "$1")" lguest run --mem 8M --kernel /tests/guests/busy --params spin \
		<> spinner.keys > spinner.out 2>&1 &
	spinner=$!
	wait_for_line 30 spinner.out '^busy'
	runner=$(child_of $spinner)
	for task in "/proc/$runner/task/"*; do
		[ "${task##*/}" = "$runner" ] ||
			taskset -p "$(cpu_mask "$2")" "${task##*/}" > /dev/null
	done
}

load_module hoststate
load_module lguest
worker first "seed=1" taskset 1
first=$!
at_work first
first_runner=$(child_of $first)

for cpu in /sys/devices/system/cpu/cpu[0-9]*/online; do
	[ "$(cat "$cpu")" = 0 ] || continue
	# one that is possible may not be there
	echo 1 > "$cpu" 2> /dev/null || continue
	cpu=${cpu%/online}
	cpu=${cpu##*cpu}
	check "CPU $cpu comes up while a guest runs" on_cpu "$cpu" true
done
CPUS=$(online)
diag "CPUs: $(echo "$CPUS" | xargs) of $(possible)"
case " $(cat /proc/cmdline) " in
*" nr_cpus=1 "*)
	is "$CPUS" 0 "there is one CPU"
	;;
*" nr_cpus=2 "*)
	is "$(possible)" 2 "there can be two CPUs"
	;;
*" possible_cpus=5 "*)
	case $(uname -r) in
	5.*|6.[0-9].*)
		is "$(possible)" 5 "there could be five CPUs"
		;;
	*)
		skip "there could be five CPUs" "since 6.10 only those that the firmware names"
		;;
	esac
	;;
*)
	is "$(each x)" "$(seq "$SMP" | sed 's/.*/x/' | xargs)" "all CPUs are there"
	;;
esac
state now
is "$(pges now)" "$(pges_with_guests)" "all CPUs have global pages, or none"

for cpu in $CPUS; do
	check "a guest runs on CPU $cpu" hello "$cpu"
	move "$first_runner" "$cpu"
	more "another one, moved to CPU $cpu, hears its clock there" "$first_runner" irq_injections
done

for from in $CPUS; do
	for to in $CPUS; do
		start_spinner "$to" "$from"
		echo > spinner.keys
		wait $spinner
		is "$? $(tail -n 1 spinner.out)" "0 0 errors" \
			"CPU $from kicks a guest on CPU $to"
		start_spinner "$to" "$from"
		on_cpu "$from" kill -STOP "$runner"
		on_cpu "$from" kill -CONT "$runner"
		on_cpu "$from" kill -KILL "$runner"
		wait $spinner
		is $? 137 "CPU $from stops and kills a guest on CPU $to"
	done
done

# What the kernel does for a task on its way to user space must not wait for a
# guest that never leaves.
(
	# shellcheck disable=SC3045 # busybox has it
	ulimit -S -t 1
	exec lguest run --mem 8M --kernel /tests/guests/busy --params spin
) > limited.out 2>&1 < /dev/null &
limited=$!
gone() {
	! kill -0 $limited 2> /dev/null || grep -q '^State:.*Z' /proc/$limited/status
}
check "a guest that uses up its launcher's CPU time ends" wait_for 60 gone || kill -KILL $limited
wait $limited
is $? $((128 + 24)) "by the signal for that"

end_worker first $first
unload_module lguest
log_mark
check "the module loads again" load_module lguest
for cpu in $CPUS; do
	check "a guest runs on CPU $cpu" hello "$cpu"
done
unload_module lguest
done_testing
