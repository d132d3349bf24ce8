# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# An NMI at each instruction that a fault of the world switch's own takes.

# shellcheck disable=SC2034 # for what follows
EVENT=NMI
GUEST=faults_end_well

# a system call's stack that is not there yet, and an entry whose segments are bad
faults_end_well() {
	for case in stack_not_touched_yet handlers_segment_is_gone; do
		ONLY=$case syscalls > guest.out 2>&1
		grep -q '^ok' guest.out || return
	done
}

. /vm/sweep.sh
