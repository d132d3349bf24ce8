# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In Linux as a guest, with busybox or with Debian: what its launcher has for it.

# mount what the host shares, if it does, below /mnt
mount_shares() {
	for share_tag in /sys/bus/virtio/drivers/9pnet_virtio/virtio*/mount_tag; do
		[ -f "$share_tag" ] || continue
		share_name=$(tr -d '\000' < "$share_tag")
		mkdir -p "/mnt/$share_name"
		grep -q " /mnt/$share_name 9p " /proc/mounts ||
			mount -t 9p -o trans=virtio,version=9p2000.L "$share_name" \
				"/mnt/$share_name"
	done
}

# the COMMAND of run=COMMAND on the kernel's command line, which has '+' for blanks
command_to_run() {
	sed -n 's/.*\<run=\([^ ]*\).*/\1/p' /proc/cmdline | tr + ' '
}
