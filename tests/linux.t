#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Linux as a guest, where "make linux-guest" has built it: its devices, clocks,
# processes; how somebody uses it, and how it ends.
. "$(dirname "$0")/lib/vm.sh"
. "$TOP/scripts/linux-kernels.sh"

# LINUX="linux-7.3 linux-7.3-pae" is just these; else it is all that have been built.
linux_guests() {
	local kernel

	for kernel in $(linux_kernels); do
		[ ! -f "$TOP/build/linux/$kernel" ] || echo "$kernel"
	done
}

export LINUX=${LINUX_WANTED:-$(linux_guests | xargs)}
[ -n "$LINUX" ] || skip_all "no Linux guest was built: make linux-guest"
SERVERS=diod MEM=${MEM:-1G} vm_group linux 900 GUESTS="$LINUX"
PROGRAMS='' vm_group linux-memory 600 GUESTS="$LINUX"
MEM=${MEM:-1G} vm_group linux-person 900 GUESTS="$LINUX"

# (The TSC of QEMU's newer CPUs is no clock: then a guest does without some of its own.)
vm_group_core2duo linux-clock 300 GUESTS="$LINUX"

# On a PC such a kernel says what it is for.
for guest in $LINUX; do
	coproc PC {
		exec timeout 60 qemu-system-i386 -accel tcg -nodefaults -no-user-config \
			-display none -kernel "$TOP/build/linux/$guest.bzImage" \
			-serial stdio < /dev/null
	}
	pid=$PC_PID
	out=$(sed -u '/runs under lguest only/q' <&"${PC[0]}")
	kill "$pid" 2> /dev/null
	wait "$pid" 2> /dev/null
	like "$out" 'runs under lguest only' "$guest: says on a PC that it is not for it"
done
done_testing
