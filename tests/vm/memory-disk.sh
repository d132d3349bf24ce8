# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# For scripts that need swap, and perhaps a file system, on the machine's disk, or
# a group of processes that has little memory.

. /vm/prog.sh

# swap on all of it
disk_is_swap() {
	start_disk && mkswap /dev/vda && swapon /dev/vda
}

# a file system in $DISK_DIR, of which pages are written back, with a file for
# swap in it
DISK_DIR=/tmp/disk
SWAP_MB=150
disk_is_files() {
	start_disk && start_modules nls_cp437 nls_ascii vfat || return
	mkdir $DISK_DIR
	mkdosfs /dev/vda && mount -t vfat /dev/vda $DISK_DIR || return
	dd if=/dev/zero of=$DISK_DIR/swap bs=1M count=$SWAP_MB &&
		mkswap $DISK_DIR/swap && swapon $DISK_DIR/swap
}

# make_group LIMIT: a memory control group, $GROUP, of no more than that
CGROUP=/sys/fs/cgroup
GROUP=$CGROUP/short
make_group() {
	mount -t cgroup2 none $CGROUP && echo +memory > $CGROUP/cgroup.subtree_control &&
		mkdir $GROUP && echo "$1" > $GROUP/memory.max
}

# in_group COMMAND...
in_group() {
	# the process that writes is the one that moves
	sh -c 'echo 0 > "$0" && exec "$@"' $GROUP/cgroup.procs "$@"
}
