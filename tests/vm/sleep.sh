# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# For scripts that put the host to sleep and look at what it is like, and at its
# guests, when it wakes up.

. /vm/host-state.sh

# Guests that work meanwhile: one on each CPU, that must take its CPU's clock
# interrupts, and one that is halted until a key comes.
start_guests() {
	workers=
	for cpu in $CPUS; do
		worker "work$cpu" "seed=$cpu" taskset "$(cpu_mask "$cpu")"
		workers="$workers $!"
		at_work "work$cpu"
	done
	worker halted "seed=9 wait"
	halted=$!
	check "another is halted" wait_for_line 30 halted.out '^waiting'
}

# further NAME LINES: it has said more than so many lines
further() {
	[ "$(wc -l < "$1.out")" -gt "$2" ]
}

# go_on: the guests must, and without errors
go_on() {
	for cpu in $CPUS; do
		lines=$(wc -l < "work$cpu.out")
		check "$1: the guest on CPU $cpu goes on" wait_for 60 further "work$cpu" $((lines + 1))
	done
}

end_guests() {
	cpu=0
	for pid in $workers; do
		end_worker "work$cpu" "$pid"
		cpu=$((cpu + 1))
	done
	echo > halted.keys
	check "the halted one wakes up and works" wait_for_line 60 halted.out '^working'
	end_worker halted "$halted"
}

# the CPUs' registers and descriptors are as in the file $1
unchanged_since() {
	state now
	is "$(differences "$1" now | but_of_guests)" "" \
		"$2: registers, descriptors and vectors are as before"
}
