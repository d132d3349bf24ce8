# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In the host VM: loads the module and boots the guest that GUEST names, with
# its disk and its initial ramdisk if it has them, on the standard input and output.
# vm-demo.sh does it without a person.  These and the commands are the same for all
# eras and formats of a guest.

GUEST_NAME=${GUEST%%-*}

insmod /modules/lguest.ko || {
	echo "lguest.ko did not load: $(dmesg | tail -n 1)" >&2
	exit 2
}

boot_guest() {
	memory=32M
	[ ! -f "/guests/$GUEST_NAME.initrd" ] || memory=128M
	set -- run --mem $memory --kernel "/guests/$GUEST"
	[ ! -f "/guests/$GUEST_NAME.initrd" ] ||
		set -- "$@" --initrd "/guests/$GUEST_NAME.initrd" --rng ${RUN:+--params "run=$RUN"}
	[ ! -f "/guests/$GUEST_NAME.img" ] || set -- "$@" --disk "/guests/$GUEST_NAME.img"
	echo "# lguest $*"
	lguest "$@"
}

if [ -n "$INTERACTIVE" ]; then
	boot_guest
fi
