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

# Each with how often it is done, for some 50 million instructions: what a machine does
# besides, now and then, takes 0.2 million.  In megabytes, what goes through a command of a
# guest's; and in ten seconds, for how long it is idle.
STREAM_OPERATION=stream:16
IDLE_OPERATION=idle:$IDLE
BOOT_OPERATION=boot:4
OPERATIONS='getppid:200000 write:100000 clock:100000 mmap:20000 page:4000 zero:16000 brk:4000
	pages:20 munmap:20 file:40 mprotect:5000 signal:10000 segv:10000 pipe:4000
	ring2:8000 ring8:8000 ring32:3200 futex:4000 yield:20000 create:2000 fork:100
	exec:100 busybox:200 shell:50 tar:10 large:40'

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

uml_threads() {
	for pid in $(pidof linux.uml); do
		echo "/proc/$pid/task/"*
	done
}

in_uml() {
	tell_machine "$(uml_threads)" "$@"
	echo 0 "$ticks"
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

# the first process of a machine that ends when it has started
END_OF_MACHINE='#!/bin/busybox sh
/bin/busybox poweroff -f'

# what User-mode Linux starts with: this host's busybox and the program, which are of its kind
make_uml_initrd() {
	mkdir -p uml/bin
	cp /bin/busybox uml/bin/
	cp "/tests/bench-uml-$(is_64bit && echo 64 || echo 32)" uml/bin/bench
	cat > uml/bin/bench-init <<-'END'
		#!/bin/busybox sh
		/bin/busybox mkdir -p /dev /proc /tmp
		/bin/busybox --install -s /bin
		mount -t devtmpfs dev /dev
		mount -t proc proc /proc
		mount -t tmpfs tmp /tmp
		stty -echo
		cd /tmp
		bench
		poweroff -f
	END
	echo "$END_OF_MACHINE" > uml/bin/off
	chmod +x uml/bin/*
	(cd uml && find . | cpio -o -H newc 2> /dev/null) > uml.initrd
}

make_guest_initrd() {
	mkdir -p ramdisk/bin
	echo "$END_OF_MACHINE" > ramdisk/bin/off
	chmod +x ramdisk/bin/off
	initrd_with /tests/bench
}

measure_guest() {
	make_guest_initrd
	lguest run --mem 96M --name bench --kernel "/guests/$GUEST" --initrd initrd \
		--params "quiet $PARAMETERS $(run_parameter 'stty -echo; cd /dev/shm; bench')" \
		< keys > lines 2> err &
	launcher=$!
	exec 3> keys 4< lines
	wait_until_ready
	machine=$(child_of "$launcher")
	measure_machine in_guest guest
	wait $launcher || die "the guest failed"
	exec 3>&- 4<&-
}

# User-mode Linux does so many fewer operations for as many instructions.
UML_SHARE=20

# Debian's 32-bit one has no system calls with times of 32 bits, as which the C library's
# threads have futex().
has_in_uml() {
	[ "$1" != futex ] || is_64bit
}

measure_uml() {
	OPERATIONS=$(for operation in $OPERATIONS; do
		has_in_uml "${operation%:*}" || continue
		count=$((${operation#*:} / UML_SHARE))
		echo "${operation%:*}:$((count < 2 ? 2 : count))"
	done)
	make_uml_initrd
	# shellcheck disable=SC2086 # several words, or none
	set -- linux.uml mem=96M initrd=uml.initrd con=null con0=fd:0,fd:1 quiet $PARAMETERS
	"$@" rdinit=/bin/bench-init < keys > lines 2> err &
	exec 3> keys 4< lines
	wait_until_ready
	measure_machine in_uml uml
	wait $! || die "User-mode Linux failed"
	exec 3>&- 4<&-

	OPERATIONS=boot:1
	export BOOT="$* rdinit=/bin/off < /dev/null > /dev/null 2>&1"
	measure_here on_host uml
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
	OPERATIONS="$OPERATIONS $STREAM_OPERATION"
	measure_here on_host native
	exit
fi

load_module lguest || die "the module does not load"
measure_here on_host host
(measure_guest) || exit
(measure_uml) || exit
(OPERATIONS=$STREAM_OPERATION measure_here on_host host) || exit
OPERATIONS="$BOOT_OPERATION $STREAM_OPERATION"
measure_new_guests
unload_module lguest
