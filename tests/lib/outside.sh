# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For the .t files that do something to a host VM from outside of it: sockets
# to its QEMU, and tests/lib/outside.pl or tests/lib/switch-sweep.pl at their
# other end.

SOCKETS=$(mktemp -d "${TMPDIR:-/tmp}/lguest-outside.XXXXXX")
OUTSIDE=
stop_outside() {
	[ -z "$OUTSIDE" ] || kill "$OUTSIDE" 2> /dev/null
	OUTSIDE=
}
trap 'stop_outside; rm -rf "$SOCKETS"' EXIT

# a Unix socket of QEMU's, for the option that wants it
qemu_socket() {
	echo "unix:$SOCKETS/$1,server=on,wait=off"
}

# with_outside NAME COMMAND...: the command's VM is served by outside.pl; what
# that says goes to the log of NAME-outside
with_outside() {
	local out

	out=$(log_of "$1-outside").out
	shift

	"$TOP/tests/lib/outside.pl" "$SOCKETS/qmp" "$SOCKETS/port" > "$out" 2>&1 &
	OUTSIDE=$!
	QEMU_ARGS="-qmp $(qemu_socket qmp) -chardev socket,id=outside,path=$SOCKETS/port,server=on,wait=off -device isa-debugcon,iobase=0xe9,chardev=outside" \
		"$@"
	stop_outside
	rm -f "$SOCKETS"/*
}

# vm_group, in such a VM
vm_group_outside() {
	with_outside "$1" vm_group "$@"
}

# run_to_death NAME LOG [SECONDS]: the part of vm_group for a host that does not live to
# its script's end; the script says "the end" when it has nothing left to do
run_to_death() {
	rm -f "$2" "$2".*
	tap_of "${2%.log}.out" "$TOP/scripts/vm" -t "${3:-240}" -l "$2" \
		"$TOP/tests/vm/$1.sh"
	is "$TAP_STATUS" 125 "$1: the host died" || tail -n 15 "${2%.log}.out" | sed 's/^/#   /'
	check "$1: and not before all else was done" grep -q '^the end' "${2%.log}.out"
}

# the switcher, disassembled
switcher_code() {
	case $HOST in
	*amd64*)
		objdump -d -j .noinstr.text "$TOP/switcher_64.o"
		;;
	*)
		objdump -D -j .rodata "$TOP/switcher_32.o"
		;;
	esac
}

# Where each instruction of the switch is in the switcher's page, but for those that
# only some guests and CPUs need.  First comes the entry.
switch_offsets() {
	case $HOST in
	*amd64*)
		switch_offsets_64
		;;
	*)
		switch_offsets_32
		;;
	esac
}

# What page faults go through that may be direct, part by part.
DIRECT_PARTS='switcher_page_fault|page_fault_saved|direct_done|direct_iret|direct_undo|page_fault_exit'
# And what hypercalls go through that may be.
CALL_PARTS='switcher_call|call_known|call_unknown|call_exit'

# the way in and the way out, but for CR0 and CR4, with the instruction before each
switch_offsets_32() {
	switcher_code | perl -ne '
		last if /<entry_abort>:/;
		/^[0-9a-f]+ <(\w+)>:/ and $part = $1;
		next if $part =~ /^('"$DIRECT_PARTS|$CALL_PARTS"'|trap_in_page_fault|trap_in_call|registers_live)$/;
		next if not /^ +([0-9a-f]+):\t.*\t/;
		/,%cr[04]/ ? pop @found : push @found, hex $1;
		END { printf "%x\n", $_ for @found }'
}

# The way in, the way of a system call, the way out, and the stub that leads there from
# a hypercall.  Of the two ways to write a segment's base each CPU has one; CR4 is
# another for guests where the host has SMEP and its like, which came to CPUs with the new
# way; CR0 for those that want TS; and the int that hands an NMI on, with what follows, is
# there if one came.
switch_offsets_64() {
	local modern=1

	case ${CPU%%,*} in
	qemu64|kvm64|core2duo|Conroe|Penryn|Nehalem|Westmere|SandyBridge|phenom|Opteron*)
		modern=0
		;;
	esac
	switcher_code | perl -ne '
		/^[0-9a-f]+ <(\w+)>:/ and $part = $1;
		next unless /^ +([0-9a-f]+):\t[0-9a-f ]+\t(.*)/;
		push @all, [hex $1, $2, $part];
		END {
			my ($modern, @found) = ('$modern');
			for my $i (0 .. $#all) {
				my ($offset, $insn, $part) = @{$all[$i]};

				next if $part =~ /^('"$DIRECT_PARTS|$CALL_PARTS"'|call_undo|exit_anew)$/;
				if ($insn =~ /^push +\$0x1f$/) {
					push @found, map { $all[$_][0] } $i - 2 .. $i + 1;
				}
				next if $part =~ /^(forward_end|system_call_exit|forward_undo)$/;
				last if $part eq "trap_in_switcher";
				$base = "fsgs" if $all[$i + 1][1] =~ /^wrfsbase/;
				push @found, $offset
					unless $insn =~ /,%cr0/ || $insn =~ /^int +/ ||
					       $i && $all[$i - 1][1] =~ /^int +/ ||
					       $insn =~ /,%cr4/ && !$modern ||
					       $base eq "fsgs" && !$modern ||
					       $base eq "msr" && $modern;
				$base = "msr" if $base eq "fsgs" && $insn =~ /^jmp/;
				$base = "" if $base eq "msr" && $insn =~ /^wrmsr/ && $wrmsr++;
			}
			printf "%x\n", $_ for @found;
		}'
}

# Where the instructions are that a fault of the switch's own takes: one of a way in whose
# segments are bad, and on a 64-bit host one of a system call on its way.  First comes the
# entry.  (There are others for a fault of the way out, which no test knows how to make.)
fault_offsets() {
	switcher_code | perl -ne '
		BEGIN { print "0\n" }
		/^[0-9a-f]+ <(\w+)>:/ and $part = $1;
		my ($offset, $insn) = /^ +([0-9a-f]+):\t[0-9a-f ]+\t(.*)/ or next;
		next unless $part =~ /^(forward_undo|exit_anew|trap_in_switcher|fault_in_switcher)$/;
		$of_way_out = 0 if $insn =~ /^movzbl/;
		print "$offset\n" unless $of_way_out;
		$of_way_out = 1 if $insn =~ /^jb .*<(forward_undo|fault_in_switcher)/'
}

# offsets_of PARTS: the entry, and those of all instructions in parts of the switcher
offsets_of() {
	switcher_code | perl -ne '
		BEGIN { print "0\n" }
		/^[0-9a-f]+ <(\w+)>:/ and $part = $1;
		print "$1\n" if $part =~ /^('"$1"')$/ && /^ +([0-9a-f]+):\t.*\t/'
}

direct_offsets() {
	offsets_of "$DIRECT_PARTS"
}

call_offsets() {
	offsets_of "$CALL_PARTS"
}

# Where interrupts_in_vm86 of tests/prog/hostile_flags.c spins, in the guest's memory.
vm86_offsets() {
	printf '%s\n' 0 10 20 30
}

# sweep GROUP COMMAND [OFFSETS]: give the VM of this group, which has one CPU, QEMU's
# COMMAND at each instruction of the world switch, or at those whose offsets OFFSETS prints
sweep() {
	local name=$1 command=$2 which=${3:-switch_offsets} out offsets

	out=$(log_of "$name-outside").out
	mapfile -t offsets < <("$which")
	# QEMU's list of exceptions tells whether the host's handlers met a selector
	# that is not the host's: a #GP in its ring 0 that names a selector.  (The
	# kernel would mend that, but NMIs would come in before their time.)  Faults of
	# the switch's own look like that, too.
	mkfifo "$SOCKETS/exceptions"
	grep -E 'v=0d .* cpl=0 IP=00(60|10)' < "$SOCKETS/exceptions" | grep -v 'e=0000' > "$SOCKETS/bad" &
	"$TOP/tests/lib/switch-sweep.pl" "$SOCKETS/gdb" "$SOCKETS/monitor" "$command" \
		"$SOCKETS/place" "${offsets[@]}" > "$out" 2>&1 &
	OUTSIDE=$!
	SMP=1 QEMU_ARGS="-gdb $(qemu_socket gdb) -monitor $(qemu_socket monitor) -d int -D $SOCKETS/exceptions -chardev socket,id=place,path=$SOCKETS/place,server=on,wait=off -device isa-debugcon,iobase=0xe9,chardev=place" \
		vm_group "$name" 240 "COUNT=${#offsets[@]}"
	stop_outside
	check "$name: at each of ${#offsets[@]} instructions" \
		[ "$(grep -c '^at ' "$out")" = "${#offsets[@]}" ]
	[ "$which" = fault_offsets ] ||
		check_fails "$name: no handler of the host's met a guest's selector" \
			grep . "$SOCKETS/bad"
	rm -f "$SOCKETS"/*
}
