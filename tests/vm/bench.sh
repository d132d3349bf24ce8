# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# What operations cost (tests/prog/bench.c): for "make bench", which makes a table of the
# lines that this prints,
#
#	mhz TICKS-PER-MICROSECOND
#	WHO OPERATION TICKS [what each of COUNTERS has counted]
#
# each for a single one: what twice as many cost, less what so many do.  WHO is "native" if
# that is all that is asked for, else "host", "guest" for Linux as a guest, and "uml" for
# User-mode Linux.

. /vm/lib.sh
. /vm/bench-uml.sh

# Each with how often it is done, for some 50 million instructions: what a machine does
# besides, now and then, takes 0.2 million.  In megabytes, what goes through a command of a
# guest's; and in ten seconds, for how long it is idle.
STREAM_OPERATION=stream:16
IDLE_OPERATION=idle:$IDLE
BOOT_OPERATION=boot:4
OPERATIONS='getppid:200000 write:100000 clock:100000 mmap:20000 page:4000 zero:16000 brk:4000
	pages:20 munmap:20 file:40 mprotect:5000 signal:10000 segv:10000 pipe:4000
	ring2:8000 ring8:8000 ring32:3200 futex:4000 yield:20000 create:2000 fork:100
	exec:100 busybox:200 shell:50 tar:10'
# megabytes from and to a disk, without the cache (d) and with it, and pages from anywhere on it
DISK_OPERATIONS='dread:64 dwrite:64 cread:64 cwrite:64 rand1:2000 rand32:6400'
# megabytes from and to the host, and bytes to it and back
NET_OPERATIONS='tcpin:64 tcpout:64 tcprr:2000 udprr:2000'
# the last one, as what it has touched stays
LARGE_OPERATION=large:40

die() {
	echo "bench: $*" >&2
	[ ! -f err ] || tail -n 20 err >&2
	exit 1
}

# the counters in what lguest tells, on a line
counters() {
	awk -v names="$COUNTERS" '
		{ sub(":", "", $1); value[$1] += $2 }
		END {
			n = split(names, name, " ")
			for (i = 1; i <= n; i++) {
				if (!(name[i] in value)) {
					print "bench: lguest stat has no \"" name[i] "\"" > "/dev/stderr"
					exit 1
				}
				printf "%s ", value[name[i]]
			}
		}'
}

# tell OPERATION COUNT: have it done by who reads keys and answers by lines
tell() {
	echo "$1 $2" >&3
	read -r what _ ticks <&4 || die "it ended"
	[ "$what" = "$1" ] || die "it says '$what $ticks'"
}

# what was counted and the ticks, before and after
on_host() {
	tell "$@"
	echo 0 "$ticks"
}

# run_time DIRECTORY...: for how many ticks these have run, processes or threads in /proc
run_time() {
	for directory; do
		cat "$directory/schedstat"
	done | awk -v mhz="$MHZ" '{ ns += $1 } END { printf "%.0f\n", ns * mhz / 1000 }'
}

# tell_machine THREADS OPERATION COUNT: what is idle costs what these, which are the
# machine's, have run meanwhile
tell_machine() {
	threads=$1
	shift
	# shellcheck disable=SC2086 # several
	started=$(run_time $threads)
	tell "$@"
	ticks=${ticks%?}
	# shellcheck disable=SC2086
	[ "$1" != idle ] || ticks=$(($(run_time $threads) - started))
}

# those of the launcher's that do not run the guest, which is what the first one does
other_threads() {
	for thread in "/proc/$machine/task/"*; do
		[ "${thread##*/}" = "$machine" ] || echo "$thread"
	done
}

# what is counted of the guest, and what its launcher's other threads have run
guest_counters() {
	lguest stat bench | counters || exit
	# shellcheck disable=SC2046 # several
	run_time $(other_threads)
}

in_guest() {
	before=$(guest_counters) || exit
	tell_machine "$(echo "/proc/$machine/task/"*)" "$@"
	after=$(guest_counters) || exit
	# shellcheck disable=SC2086 # lines to words
	echo 0 $before "$ticks" $after
}

# of a guest that is started for it, or of several
for_guest() {
	: > stats
	tell "$@"
	after=$(counters < stats) || exit
	echo 0 "$after" "$ticks" "$after" | awk '{ for (i = 2; i <= NF / 2; i++) $i = 0; print }'
}

wait_until_ready() {
	until [ "${line%?}" = ready ] || [ "$line" = ready ]; do
		read -r line <&4 || die "it does not start"
	done
	line=
}

# measure HOW WHO: each operation once to warm up, and then so many and twice as many of them
# for REPEATS times, of which the least counts
measure() {
	for operation in $OPERATIONS; do
		name=${operation%:*} count=${operation#*:}
		"$1" "$name" "$count" > measured || exit
		for _ in $(seq "$REPEATS"); do
			"$1" "$name" "$count" && "$1" "$name" $((count * 2)) || exit
		done > measured
		awk -v who="$2" -v name="$name" -v count="$count" '
			{
				n = NF / 2
				for (i = 1; i <= n; i++) {
					cost = $(n + i) - $i
					if (NR <= 2 || cost < least[NR % 2, i])
						least[NR % 2, i] = cost
				}
			}
			END {
				printf "%s %s", who, name
				for (i = 1; i <= n; i++)
					printf " %.2f", (least[0, i] - least[1, i]) / count
				print ""
			}' measured
	done
}

# measure_machine HOW WHO: the same of a machine that is running, whose idle is no shorter
# than it is
measure_machine() {
	measure "$@"
	OPERATIONS=$IDLE_OPERATION REPEATS=1
	measure "$@"
	echo end 0 >&3
	cat <&4 > /dev/null
}

# measure_here HOW WHO: by the program on this host
measure_here() {
	/tests/bench < keys > lines &
	exec 3> keys 4< lines
	wait_until_ready
	measure "$@"
	exec 3>&- 4<&-
	wait $!
}

# a machine's network with its host, which is 1 there, and the machine 2
GUEST_NET=10.77.0

# bench_with_network INTERFACE NET: what the machine does
bench_with_network() {
	echo "ip addr add $2.2/24 dev $1; ip link set $1 up; SERVER=$2.1 bench"
}

# the first process of a machine that ends when it has started
END_OF_MACHINE='#!/bin/busybox sh
/bin/busybox poweroff -f'

make_guest_initrd() {
	mkdir -p ramdisk/bin
	echo "$END_OF_MACHINE" > ramdisk/bin/off
	chmod +x ramdisk/bin/off
	initrd_with /tests/bench
}

measure_guest() {
	make_guest_initrd
	lguest run --mem 96M --name bench --kernel "/guests/$GUEST" --initrd initrd \
		--disk disk --net tap=$GUEST_NET.1/24 --params "quiet $PARAMETERS $(run_parameter \
			"stty -echo; cd /dev/shm; $(bench_with_network eth0 $GUEST_NET)")" \
		< keys > lines 2> err &
	launcher=$!
	exec 3> keys 4< lines
	wait_until_ready
	machine=$(child_of "$launcher")
	measure_machine in_guest guest
	wait $launcher || die "the guest failed"
	exec 3>&- 4<&-
}

# what guests do that are started for it
measure_new_guests() {
	set -- lguest run --mem 96M --kernel "/guests/$GUEST" --stats
	export BOOT="$* --initrd initrd --params 'quiet $PARAMETERS rdinit=/bin/off' \
		< /dev/null > /dev/null 2>> stats"
	export STREAM="$* --initrd /guests/linux.initrd --params 'quiet $PARAMETERS' -- cat 2> stats"
	measure_here for_guest guest
}

MHZ=$(awk '$2 == "MHz" { print $4; exit }' /proc/cpuinfo)
echo mhz "$MHZ"
cd /tmp || exit
mkfifo keys lines
if [ -n "$NATIVE" ]; then
	OPERATIONS="$OPERATIONS $LARGE_OPERATION $STREAM_OPERATION"
	measure_here on_host native
	exit
fi

load_module lguest || die "the module does not load"
start_modules tun
/tests/benchd &
server=$!
dd if=/dev/zero of=disk bs=1M count=16 2> /dev/null
(OPERATIONS="$OPERATIONS $NET_OPERATIONS $LARGE_OPERATION" measure_here on_host host) || exit
OPERATIONS="$OPERATIONS $DISK_OPERATIONS $NET_OPERATIONS $LARGE_OPERATION"
(measure_guest) || exit
(measure_uml) || exit
(OPERATIONS=$STREAM_OPERATION measure_here on_host host) || exit
# (a boot takes too long to repeat it)
(OPERATIONS=$BOOT_OPERATION REPEATS=1 measure_new_guests) || exit
OPERATIONS=$STREAM_OPERATION
measure_new_guests
kill $server
unload_module lguest
