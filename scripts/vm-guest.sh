# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In the host VM: loads the module and boots the guest that GUEST names, with
# its disk and its initial ramdisk if it has them, on the standard input and output.
# vm-demo.sh does it without a person.  These and the commands are the same for all
# eras and formats of a guest.  Linux, which KERNEL names then, gets what QEMU gives
# this machine, too: its disk, its network by a bridge, and a directory.  CMD is a
# command that its agent is to run.

. /vm/vm-devices.sh
. /vm/vm-linux.sh

GUEST_NAME=${GUEST%%-*}

insmod /modules/lguest.ko || {
	echo "lguest.ko did not load: $(dmesg | tail -n 1)" >&2
	exit 125
}

small_guest() {
	set -- run --mem 32M --kernel "/guests/$GUEST"
	[ ! -f "/guests/$GUEST_NAME.img" ] || set -- "$@" --disk "/guests/$GUEST_NAME.img"
	echo "# lguest $*"
	lguest "$@"
}

linux_guest() {
	set -- run --mem 256M --kernel "/guests/$KERNEL" --rng --disk /dev/vda \
		--net bridge=br0 --share /share,tag=host --params ip=dhcp
	if [ "$GUEST_NAME" = debian ]; then
		set -- "$@" --params 'root=/dev/vda rw'
	else
		set -- "$@" --initrd /guests/*.initrd
	fi
	if [ -n "$CMD" ]; then
		lguest "$@" -- sh -c "$CMD"
		return
	fi
	if [ -n "$INTERACTIVE" ]; then
		set -- "$@" --params "$(terminal_parameters)"
	fi
	[ -z "$RUN" ] || set -- "$@" --params "quiet $(run_parameter "$RUN")"
	echo "# lguest $*"
	lguest "$@"
}

boot_guest() {
	if [ -n "$KERNEL" ]; then
		linux_guest
	else
		small_guest
	fi
}

if [ -n "$KERNEL" ] && ! { start_disk && start_bridge && start_share; }; then
	echo "this machine's devices do not start: $(dmesg | tail -n 1)" >&2
	exit 125
fi
if [ -n "$INTERACTIVE" ]; then
	boot_guest
fi
