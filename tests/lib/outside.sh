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
# that says goes to build/logs/NAME-outside.out
with_outside() {
	local out=$LOGS/$1-outside.out
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

# The addresses of the way in and the way out, but for what only some guests
# and CPUs need: CR0 and CR4, with the instruction before each.
switch_addresses() {
	objdump -D -j .rodata "$TOP/switcher_32.o" | perl -ne '
		last if /<entry_abort>:/;
		next if not /^ +([0-9a-f]+):\t.*\t/;
		/,%cr[04]/ ? pop @found : push @found, 0xffc00000 + hex $1;
		END { printf "%x\n", $_ for @found }'
}

# sweep GROUP COMMAND: give the VM of this group, which has one CPU, QEMU's
# COMMAND at each instruction of the world switch
sweep() {
	local name=$1 command=$2 out=$LOGS/$1-outside.out addresses

	mapfile -t addresses < <(switch_addresses)
	# QEMU's list of exceptions tells whether the host's handlers met a selector
	# that is not the host's: a #GP in its ring 0 that names a selector.  (The
	# kernel would mend that, but NMIs would come in before their time.)
	mkfifo "$SOCKETS/exceptions"
	grep -E 'v=0d .* cpl=0 IP=0060' < "$SOCKETS/exceptions" | grep -v 'e=0000' > "$SOCKETS/bad" &
	"$TOP/tests/lib/switch-sweep.pl" "$SOCKETS/gdb" "$SOCKETS/monitor" "$command" \
		"${addresses[@]}" > "$out" 2>&1 &
	OUTSIDE=$!
	SMP=1 QEMU_ARGS="-gdb $(qemu_socket gdb) -monitor $(qemu_socket monitor) -d int -D $SOCKETS/exceptions" \
		vm_group "$name" 240 "COUNT=${#addresses[@]}"
	stop_outside
	check "$name: at each of ${#addresses[@]} instructions of the switch" \
		[ "$(grep -c '^at ' "$out")" = "${#addresses[@]}" ]
	check_fails "$name: no handler of the host's met a guest's selector" \
		grep . "$SOCKETS/bad"
	rm -f "$SOCKETS"/*
}
