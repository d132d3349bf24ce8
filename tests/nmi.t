#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# NMIs while guests run.  First as many as one CPU can send to another; then
# from outside, to all CPUs; then one at each single instruction of the world
# switch, with QEMU's help.  None may be lost, and neither host nor guest may
# notice.  For longer tests than usual, STORM is a number of seconds, and NMIS the
# number of those from outside.

. "$(dirname "$0")/lib/vm.sh"
. "$(dirname "$0")/lib/outside.sh"

STORM=${STORM:-0} NMIS=${NMIS:-4000}
vm_group nmistorm $((240 + STORM)) "STORM=$STORM"
# (LINT1, where QEMU's NMIs come from, is open on the first CPU alone by default)
APPEND="${APPEND:-} apic_extnmi=all" vm_group_outside nminject $((240 + NMIS / 20)) "NMIS=$NMIS"
sweep nmisweep nmi
done_testing
