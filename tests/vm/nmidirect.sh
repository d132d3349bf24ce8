# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# An NMI at each instruction that takes a page fault to the guest without an exit.

# shellcheck disable=SC2034 # for what follows
EVENT=NMI
GUEST=faults_are_the_same

# of all kinds, and one whose stack is not there
faults_are_the_same() {
	for case in frames_are_the_same stack_is_missing; do
		ONLY="4.4: $case" eras_faults > guest.out 2>&1
		grep -q '^ok' guest.out || return
	done
}

. /vm/sweep.sh
