# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# A machine check at each instruction of the world switch.

# shellcheck disable=SC2034 # for what follows
EVENT=MCE
. /vm/sweep.sh
