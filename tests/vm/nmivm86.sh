# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# NMIs for a guest in virtual 8086 mode, where only QEMU's translator lets it.

# shellcheck disable=SC2034 # for what follows
EVENT=NMI PLACE=1000
GUEST=leaves_vm86

leaves_vm86() {
	ONLY=interrupts_in_vm86 hostile_flags > guest.out 2>&1
	grep -q '^ok' guest.out
}

. /vm/sweep.sh
