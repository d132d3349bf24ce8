#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# NMIs while guests run.  First as many as one CPU can send to another; then
# one at each single instruction of the world switch, with QEMU's help.  None
# may be lost, and neither host nor guest may notice.

. "$(dirname "$0")/lib/vm.sh"

SOCKETS=$(mktemp -d "${TMPDIR:-/tmp}/lguest-nmi.XXXXXX")
trap 'rm -rf "$SOCKETS"' EXIT

# The addresses of the way in and the way out, but for what only some guests
# and CPUs need: CR0 for the FPU trap, and CR4 with the load before it.
switch_addresses() {
	objdump -D -j .rodata "$TOP/switcher_32.o" | perl -ne '
		last if /<entry_abort>:/;
		next if /cr0|clts/ or not /^ +([0-9a-f]+):\t.*\t/;
		/cr4/ ? pop @found : push @found, 0xffc00000 + hex $1;
		END { printf "%x\n", $_ for @found }'
}

vm_group nmistorm 120

# QEMU's list of exceptions tells whether the host's handlers met a selector
# that is not the host's: a #GP in its ring 0 that names a selector.  (The kernel
# would mend that, but NMIs would come in before their time.)
mkfifo "$SOCKETS/exceptions"
grep -E 'v=0d .* cpl=0 IP=0060' < "$SOCKETS/exceptions" | grep -v 'e=0000' > "$SOCKETS/bad" &

# LINT1, where QEMU's NMIs come from, is open on the first CPU alone
export SMP=1
mapfile -t ADDRESSES < <(switch_addresses)
export QEMU_ARGS="-gdb unix:$SOCKETS/gdb,server=on,wait=off -monitor unix:$SOCKETS/monitor,server=on,wait=off -d int -D $SOCKETS/exceptions"
SWEEP_OUT=$LOGS/nmi-sweep.out
"$TOP/tests/lib/nmi-sweep.pl" "$SOCKETS/gdb" "$SOCKETS/monitor" "${ADDRESSES[@]}" > "$SWEEP_OUT" 2>&1 &
SWEEP=$!
vm_group nmisweep 120 "NMIS=${#ADDRESSES[@]}"
kill "$SWEEP" 2> /dev/null
check "an NMI at each of ${#ADDRESSES[@]} instructions of the switch" \
	[ "$(grep -c '^NMI at' "$SWEEP_OUT")" = "${#ADDRESSES[@]}" ]
check_fails "no handler of the host's met a guest's selector" grep . "$SOCKETS/bad"
done_testing
