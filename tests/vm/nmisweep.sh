# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# An NMI at each instruction of the world switch.

# shellcheck disable=SC2034 # for what follows
EVENT=NMI
. /vm/sweep.sh
