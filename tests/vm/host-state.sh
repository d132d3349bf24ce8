# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# For scripts that compare the host's state (/proc/hoststate), and that run
# the guest "worker" in the background meanwhile.

. /vm/prog.sh

# shellcheck disable=SC2034 # for those who source this
CPUS=$(seq 0 $((SMP - 1)))

# differences FILE FILE: the names of what differs, on any CPU
differences() {
	diff -U 0 "$1" "$2" | sed -n 's/^[-+]\([a-z].*\) [0-9a-f]*$/\1/p' | sort -u
}

# the same, in one line and without numbers: "gdt pte"
kinds() {
	differences "$1" "$2" | sed 's/ .*//' | sort -u | xargs
}

# state FILE: the host's state, now; but what a guest that has stopped left to be
# done at the CPU's next return to user space has been done
state() {
	for cpu in $(online); do
		on_cpu "$cpu" true
	done
	cat /proc/hoststate > "$1"
}

# the bit of CR4 that makes global pages
PGE=128

# pges FILE: "on", "off" or both, in the order of the CPUs
pges() {
	sed -n 's/^cr4 //p' "$1" | while read -r value; do
		[ $((0x$value & PGE)) = 0 ] && echo off || echo on
	done | xargs
}

# Does the kernel let KVM alone change CR4?  (One of 7.3 does: compat_update_cr4().)
cr4_is_kvms() {
	case $(uname -r) in
	[1-6].*)
		return 1
		;;
	esac
}

# pges_with_guests: what pges says while there are guests.  (Those of a 64-bit host can
# name no address of the kernel's global pages, so it keeps them; and a host whose CR4 is
# KVM's is without them just while a guest runs.)
pges_with_guests() {
	if is_64bit || cr4_is_kvms; then
		each on
	else
		each off
	fi
}

# What of a host's state is another while there are guests: the registers of fast
# system calls, until the CPU returns to user space, and on a 32-bit host the pages
# that it has mapped.
# shellcheck disable=SC2034 # for those who source this
OF_GUESTS='^sysenter_cs|^efer'
is_64bit || OF_GUESTS="$OF_GUESTS|^pte"

# but_of_guests: what else there is, in one line
but_of_guests() {
	grep -vE "$OF_GUESTS" | xargs
}

# each WORD: as many of it as there are CPUs online
each() {
	online | sed "s/.*/$1/" | xargs
}

online() {
	sed -n 's/^processor.*: //p' /proc/cpuinfo
}

# how many CPUs could ever be
possible() {
	echo $(($(sed 's/.*[-,]//' /sys/devices/system/cpu/possible) + 1))
}

# cpu_mask N: as taskset wants it.  (For what runs in the background: $! after
# "on_cpu ... &" is a shell's.)
cpu_mask() {
	printf %x $((1 << $1))
}

# on_cpu N COMMAND...
on_cpu() {
	oc_mask=$(cpu_mask "$1")
	shift
	taskset "$oc_mask" "$@"
}

# hello [N]: a short guest, on CPU N; does it say hello?
hello() {
	on_cpu "${1:-0}" lguest run --mem 8M --kernel /guests/hello > hello.out 2>&1 &&
		grep -q '^Hello from a guest' hello.out
}

# worker NAME PARAMETERS [COMMAND...]: start one, by the command if there is
# one; its pid is $!
worker() {
	w_name=$1 w_parameters=$2
	shift 2
	rm -f "$w_name".*
	mkfifo "$w_name.keys"
	"$@" lguest run --mem 8M --kernel /tests/guests/worker \
		--params "$w_parameters" <> "$w_name.keys" > "$w_name.out" 2> "$w_name.err" &
}

# at_work NAME: it computes
at_work() {
	check "$1 is at work" wait_for_line 60 "$1.out" '^working'
}

# end_worker NAME PID: by a key; then it must have found no error
end_worker() {
	echo > "$1.keys"
	wait "$2"
	is "$? $(sed -n 's/.*, \(.* errors\)$/\1/p' "$1.out" | tail -n 1)" "0 0 errors" \
		"$1 ends well" || diag "$(tail -n 3 "$1.out" "$1.err")"
}
