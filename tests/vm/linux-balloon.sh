# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Memory that Linux as a guest gives back: what it reports to be free by itself, and
# what is asked of it.

. /vm/lib.sh

# The first process: fills memory and frees it, as it is told, one line after the other.
cat > first << 'END'
#!/bin/busybox sh
busybox mount -t devtmpfs dev /dev
busybox mount -t sysfs sys /sys
echo 6 > /sys/module/page_reporting/parameters/page_reporting_order
busybox mount -t tmpfs -o size=80m none /tmp
busybox stty -echo
say=ready
while echo "$say" && read -r what; do
	case $what in
	fill)
		busybox dd if=/dev/zero of=/tmp/file bs=1M count=64 2> /dev/null
		say=filled
		;;
	free)
		busybox rm /tmp/file
		say=freed
		;;
	off)
		busybox poweroff -f
		;;
	esac
done
END
chmod 755 first
initrd_with first

# start [OPTION...]: the guest, which hears what is written to descriptor 5.  (It appends to
# the file out, which is emptied for each answer.)
start() {
	mkfifo input
	empty out
	lguest run --mem 128M --name memory --kernel /guests/linux --initrd initrd \
		--params 'rdinit=/bin/first quiet' "$@" < input >> out 2> err &
	launcher=$!
	exec 5> input
	rm input
	wait_for_line 100 out '^ready'
}

# tell WORD ANSWER
tell() {
	empty out
	echo "$1" >&5
	wait_for_line 100 out "^$2" || fail "it has $2"
}

# number KEY: in kilobytes
number() {
	lguest stat memory | sed -n "s/^$1:[[:space:]]*\([0-9]*\)K$/\1/p"
}

has_at_most() {
	[ "$(number resident)" -le "$1" ]
}

has_in_balloon() {
	[ "$(number balloon)" -eq "$1" ]
}

end() {
	echo off >&5
	exec 5>&-
	wait "$launcher"
	is $? 0 "it powers off" || diag "$(tail -n 20 out err)"
	unlike "$(cat err)" . "without a word of its launcher's"
}

check "the module loads" load_module lguest
log_mark
start
is $? 0 "a guest starts"
tell fill filled
full=$(number resident)
check "it has the memory that it fills" test "$full" -ge $((64 * 1024))
tell free freed
check "what it does not need is its host's again" wait_for 60 has_at_most $((full - 48 * 1024)) ||
	diag "of $full K it has $(number resident) K"
check "it has reported that" test "$(number reported)" -ge $((48 * 1024))
tell fill filled
check "it has it again when it needs it" test "$(number resident)" -ge $((full - 8 * 1024)) ||
	diag "of $full K it has $(number resident) K"
tell free freed
check "it is to keep half" lguest balloon memory 64M
check "it gives the other half" wait_for 60 has_in_balloon $((64 * 1024)) ||
	diag "$(lguest stat memory)"
check "which is its host's" has_at_most $((72 * 1024))
is "$(number keeps)" 65536 "and this is told"
check "it may have all again" lguest balloon memory 128M
check "and takes it" wait_for 60 has_in_balloon 0
tell fill filled
check "to use it" test "$(number resident)" -ge $((full - 8 * 1024))
like "$(lguest balloon memory much 2>&1)" 'is no size' "what is no size is refused"
end

start --balloon 48M
is $? 0 "a guest starts with less"
check "which gives the rest" wait_for 60 has_in_balloon $((80 * 1024))
end
start --balloon off
is $? 0 "a guest starts without a balloon"
like "$(lguest balloon memory 64M 2>&1)" 'has no balloon' "of which nothing can be asked"
end
unlike "$(log_since)" "$COMPLAINTS" "the host's log is clean"
check "the module unloads" unload_module lguest
done_testing
