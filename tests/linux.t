#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Linux as a guest, where "make linux-guest" has built it: its devices, clocks,
# processes, and how it ends.
. "$(dirname "$0")/lib/vm.sh"

linux_guests() {
	(cd "$TOP/build/linux" 2>/dev/null && ls linux linux-pae 2>/dev/null) | xargs
}

LINUX=$(linux_guests)
export LINUX
[ -n "$LINUX" ] || skip_all "no Linux guest was built: make linux-guest"
SERVERS=diod MEM=${MEM:-1G} vm_group linux 900 GUESTS="$LINUX"

# On a PC such a kernel says what it is for.
for guest in $LINUX; do
	out=$LOGS/$guest-on-pc.log
	rm -f "$out"
	timeout 60 qemu-system-i386 -accel tcg -nodefaults -no-user-config -display none \
		-kernel "$TOP/build/linux/$guest.bzImage" -serial "file:$out" &
	qemu=$!
	until grep -q 'runs under lguest only' "$out" 2> /dev/null || ! kill -0 $qemu 2> /dev/null; do
		sleep 0.2
	done
	kill $qemu 2> /dev/null
	like "$(cat "$out")" 'runs under lguest only' "$guest: says on a PC that it is not for it"
	wait $qemu 2> /dev/null
done
done_testing
