# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# What the scripts that run in the host VM have at hand, beside TAP: loading
# the module, waiting for things to happen, and counting memory.

. /vm/tap.sh
. /vm/vm-devices.sh
. /vm/vm-linux.sh

# what a guest's Linux must not say
# shellcheck disable=SC2034 # for those who source this
COMPLAINTS='WARNING:|BUG:|Oops|Call Trace|Kernel panic|lockup|rcu.*stall'

# the host's kernel is a 64-bit one
is_64bit() {
	[ "$(uname -m)" = x86_64 ]
}

# where launchers of root's have their control sockets
SOCKETS=/run/lguest

# nobody_is_left NAME: no launcher, and nothing of one
nobody_is_left() {
	check "$1: no process is left" wait_for 60 sh -c '! pidof lguest'
	is "$(lguest list | wc -l)" 1 "$1: it is not listed"
	is "$(ls -A "$SOCKETS")" "" "$1: nor is its socket there"
}

# load_module NAME [PARAMETER...]
load_module() {
	lib_module=$1
	shift
	insmod "/modules/$lib_module.ko" "$@"
}

unload_module() {
	rmmod "$1"
}

# child_of PID: the launcher that runs the guest, for a parent that waits for it
child_of() {
	for lib_status in /proc/[0-9]*/status; do
		[ "$(sed -n 's/^PPid:[[:space:]]*//p' "$lib_status" 2> /dev/null)" != "$1" ] ||
			basename "${lib_status%/status}"
	done
}

# possible_memory KERNEL: MiB that the launcher has addresses for, which are less than any
# guest may have where user space is smaller
possible_memory() {
	lguest run --mem 2047M --kernel "$1" 2>&1 > /dev/null |
		sed -n 's/.*: \([0-9]*\)M is possible/\1/p' | grep . || echo 2047
}

# stopped PID: all threads of a process are
stopped() {
	! grep -h '^State' "/proc/$1/task/"*/status | grep -qv 'T (stopped)'
}

# zombie PID: has it ended, and its parent does not know yet?
zombie() {
	grep -q '^State.*Z (zombie)' "/proc/$1/status"
}

# polls PID: does it wait in poll()?
polls() {
	grep -q poll "/proc/$1/wchan"
}

# empty FILE...: for who waits for what a program in the background prints: that opens its
# output only when it runs, and until then there is what the one before has printed
empty() {
	for lib_file; do
		: > "$lib_file"
	done
}

# wait_for_line SECONDS FILE REGEX
wait_for_line() {
	wait_for "$1" grep -qE -e "$3" "$2"
}

# the kernel's messages since the last log_mark
log_mark() {
	lib_mark=$(dmesg | wc -l)
}

log_since() {
	dmesg | tail -n +$((lib_mark + 1))
}

# The kernel's records, in /sys/kernel/tracing.  They are to be without the processes' names:
# for these the kernel would change its scheduler's code while the other CPUs run it, of
# which QEMU's translator (7.2) sometimes keeps what there was in between, for ever.
tracing() {
	mount -t tracefs trace /sys/kernel/tracing 2> /dev/null
	echo 0 > /sys/kernel/tracing/options/record-cmd
}

# kB that are in use, caches left out, and so the free pages that CPUs keep for
# themselves
memory_in_use() {
	sync
	echo 3 > /proc/sys/vm/drop_caches
	awk '/^MemTotal:/ { n += $2 } /^(MemFree|Buffers|Cached|SReclaimable):/ { n -= $2 }
		$1 == "count:" { n -= $2 * 4 }
		END { print n }' /proc/meminfo /proc/zoneinfo
}

# no_leak NAME KB TIMES COMMAND...: repeat the command; afterwards no more than
# KB may be in use than after its first run, which warms up what stays
no_leak() {
	lib_name=$1 lib_limit=$2 lib_times=$3
	shift 3
	"$@" > /dev/null 2>&1
	lib_before=$(memory_in_use)
	while [ "$lib_times" -gt 0 ]; do
		"$@" > /dev/null 2>&1
		lib_times=$((lib_times - 1))
	done
	# pages on their way back (RCU, other CPUs' lists) get some time
	if wait_for 30 in_use_below $((lib_before + lib_limit)); then
		pass "$lib_name"
	else
		fail "$lib_name"
		diag "before: $lib_before kB, after: $(memory_in_use) kB, allowed: +$lib_limit kB"
		return 1
	fi
}

# KASAN keeps what was freed for a while, of which it knows when it is used: up to so many kB
quarantine() {
	if grep -q ' kasan_report$' /proc/kallsyms; then
		awk '$1 == "MemTotal:" { print int($2 / 32) }' /proc/meminfo
	else
		echo 0
	fi
}

in_use_below() {
	lib_quarantine=${lib_quarantine:-$(quarantine)}
	[ "$(memory_in_use)" -le $(($1 + lib_quarantine)) ]
}

# initrd_with PROGRAM: Linux's initial ramdisk, and that in its /bin: the file initrd
initrd_with() {
	mkdir -p ramdisk/bin
	cp "$1" ramdisk/bin/
	(cd ramdisk && find bin | cpio -o -H newc 2> /dev/null) | gzip | cat /guests/linux.initrd - > initrd
}
