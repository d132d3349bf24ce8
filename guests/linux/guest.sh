# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In Linux as a guest, with busybox or with Debian: what its launcher has for it.

# has_virtio TYPE: is there a device of this type?
has_virtio() {
	grep -qxs "$1" /sys/bus/virtio/devices/*/device
}

# mount what the host shares, if it does, below /mnt; the kernel does not tell what
# there is by virtiofs, so other names than that of --share's default are in shares=
mount_shares() {
	for share_name in host $(parameter shares); do
		has_virtio 0x001a || break
		mkdir -p "/mnt/$share_name"
		grep -q " /mnt/$share_name virtiofs " /proc/mounts ||
			mount -t virtiofs "$share_name" "/mnt/$share_name" 2> /dev/null ||
			rmdir "/mnt/$share_name"
	done
	for share_tag in /sys/bus/virtio/drivers/9pnet_virtio/virtio*/mount_tag; do
		[ -f "$share_tag" ] || continue
		share_name=$(tr -d '\000' < "$share_tag")
		mkdir -p "/mnt/$share_name"
		# (cache=mmap is for programs that map files which they write)
		grep -q " /mnt/$share_name 9p " /proc/mounts ||
			mount -t 9p -o trans=virtio,version=9p2000.L,cache=mmap "$share_name" \
				"/mnt/$share_name"
	done
}

# report free memory to the host in pieces of 256 KiB: Linux begins when 32 of them are
# free, and those that it would choose have 4 MiB
report_small_pieces() {
	report_order=/sys/module/page_reporting/parameters/page_reporting_order
	[ ! -w "$report_order" ] || echo 6 > "$report_order"
}

# parameter NAME: the value of NAME= on the kernel's command line, or nothing.  The kernel
# gives what it does not know to the first process, without the quotes around it.
parameter() {
	tr '\000' '\n' < /proc/1/environ | sed -n "s/^$1=//p"
}

# decode TEXT: %XX is the byte with that number, in hexadecimal
decode() {
	rest=$(printf %s "$1" | sed 's/\\/\\\\/g') text=
	while [ "$rest" != "${rest#*%}" ]; do
		text=$text${rest%%\%*}
		rest=${rest#*%}
		case $rest in
		[0-9A-Fa-f][0-9A-Fa-f]*)
			byte=$((0x${rest%"${rest#??}"}))
			text="$text\\0$((byte >> 6))$((byte >> 3 & 7))$((byte & 7))"
			rest=${rest#??}
			;;
		*)
			text=$text%
			;;
		esac
	done
	printf %b "$text$rest"
}

# the COMMAND of run="COMMAND"; without the quotes it has '+' for blanks
command_to_run() {
	case " $(cat /proc/cmdline)" in
	*' run="'*|*' "run='*)
		decode "$(parameter run)"
		;;
	*)
		decode "$(parameter run | tr + ' ')"
		;;
	esac
}

# what the terminal is, as far as the launcher's user has said it: TERM, LINES, COLUMNS
set_terminal() {
	lines=$(parameter LINES) columns=$(parameter COLUMNS)
	stty rows "${lines:-24}" cols "${columns:-80}"
	TERM=$(parameter TERM)
	export TERM="${TERM:-linux}"
	unset LINES COLUMNS
}
