# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# An NMI at each instruction that loads a guest's page directory without an exit.

# shellcheck disable=SC2034 # for what follows
EVENT=NMI
GUEST=switches_are_good

switches_are_good() {
	ONLY="4.4: back_and_forth" eras_switches > guest.out 2>&1
	grep -q '^ok' guest.out
}

. /vm/sweep.sh
