# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# An NMI at each instruction that takes a page fault to the guest without an exit.

# shellcheck disable=SC2034 # for what follows
EVENT=NMI
GUEST=faults_are_the_same

# of all kinds, and such whose stack is not there; of ring 3 and of the kernel
faults_are_the_same() {
	for case in eras_faults:frames_are_the_same eras_faults:stack_is_missing \
			eras_kernel_faults:kernel_frames_are_the_same \
			eras_kernel_faults:kernel_stack_is_missing; do
		ONLY="4.4: ${case#*:}" "${case%:*}" > guest.out 2>&1
		grep -q '^ok' guest.out || return
	done
}

. /vm/sweep.sh
