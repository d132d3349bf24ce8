# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# What operations cost on the host and in Linux as a guest (tests/prog/bench.c): for
# "make bench", which makes a table of the lines that this prints,
#
#	mhz TICKS-PER-MICROSECOND
#	native OPERATION TICKS
#	guest OPERATION TICKS EXITS HYPERCALLS FAULTS-OF-SHADOW FAULTS-OF-GUEST
#
# each for a single one: what twice as many cost, less what so many do.

. /vm/lib.sh

# each with how often it is done; in megabytes, what goes through a command of a guest's
STREAM_OPERATION=stream:16
OPERATIONS='getppid:20000 write:20000 mmap:2000 page:2000 pages:20 file:40 mprotect:2000
	signal:2000 segv:2000 pipe:1000 yield:4000 fork:100 exec:100 busybox:100'
COUNTERS='exits hypercalls pf_fixed pf_guest'

die() {
	echo "bench: $*" >&2
	[ ! -f err ] || tail -n 20 err >&2
	exit 1
}

# the counters in what lguest tells, on a line
counters() {
	awk -v names="$COUNTERS" '
		{ sub(":", "", $1); value[$1] = $2 }
		END {
			n = split(names, name, " ")
			for (i = 1; i <= n; i++)
				printf "%s ", value[name[i]]
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

in_guest() {
	counted=$(lguest stat bench | counters)
	tell "$@"
	echo 0 "$counted" "${ticks%?}" "$(lguest stat bench | counters)"
}

# of a guest that is started for it
for_guest() {
	tell "$@"
	echo 0 0 0 0 0 "$ticks" "$(counters < stream.err)"
}

# measure HOW WHO: each operation three times, the first time to warm up
measure() {
	until [ "${line%?}" = ready ] || [ "$line" = ready ]; do
		read -r line <&4 || die "it does not start"
	done
	line=
	for operation in $OPERATIONS; do
		name=${operation%:*} count=${operation#*:}
		"$1" "$name" "$count" > /dev/null
		{ "$1" "$name" "$count"; "$1" "$name" $((count * 2)); } > measured
		awk -v who="$2" -v name="$name" -v count="$count" '
			{
				n = NF / 2
				for (i = 1; i <= n; i++)
					cost[NR, i] = $(n + i) - $i
			}
			END {
				printf "%s %s", who, name
				for (i = 1; i <= n; i++)
					printf " %.2f", (cost[2, i] - cost[1, i]) / count
				print ""
			}' measured
	done
}

# measure_here HOW WHO: by the program on this host
measure_here() {
	/tests/bench < keys > lines &
	exec 3> keys 4< lines
	measure "$@"
	exec 3>&- 4<&-
	wait $!
}

awk '$2 == "MHz" { print "mhz", $4; exit }' /proc/cpuinfo
cd /tmp || exit
load_module lguest || die "the module does not load"
initrd_with /tests/bench
mkfifo keys lines

measure_here on_host native

lguest run --mem 96M --name bench --kernel "/guests/$GUEST" --initrd initrd \
	--params "quiet $(run_parameter 'stty -echo; bench')" < keys > lines 2> err &
exec 3> keys 4< lines
measure in_guest guest
echo end 0 >&3
cat <&4 > /dev/null
wait $! || die "the guest failed"
exec 3>&- 4<&-

OPERATIONS=$STREAM_OPERATION
measure_here on_host native
export STREAM="lguest run --mem 96M --kernel /guests/$GUEST --initrd /guests/linux.initrd \
	--params quiet --stats -- cat 2> stream.err"
measure_here for_guest guest
unload_module lguest
