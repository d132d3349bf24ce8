#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Guests see what their launchers' address spaces hold, whatever happens to it;
# no page stays in memory on their account; and those who are not root can have
# guests.

. "$(dirname "$0")/lib/vm.sh"

FILE=$(mktemp "${TMPDIR:-/tmp}/lguest-disk.XXXXXX")
trap 'rm -f "$FILE"' EXIT
export DISK=$FILE

# disk MB: an empty one, which takes no room until it is written to
disk() {
	truncate -s 0 "$FILE"
	truncate -s "$1M" "$FILE"
}

disk 400
# (Without memory control groups: those of Linux 7.3 count late, and a machine all of whose
# memory is taken within two seconds kills before it has looked which pages could go.)
APPEND="${APPEND:+$APPEND }cgroup_disable=memory" MEM=128M PROGRAMS="" vm_group memory-swap 1200
disk 200
export PROGRAMS='memory*'	# so that there is memory for them
MEM=128M MODULES='fs/nls/nls_cp437.ko fs/nls/nls_ascii.ko fs/fat/vfat.ko' vm_group memory 600
disk 200
MEM=128M vm_group memory-storm 600
unset DISK PROGRAMS
vm_group memory-user 300
done_testing
