#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# NMIs while guests run.  First as many as one CPU can send to another; then
# from outside, to all CPUs; then, with QEMU's help, one at each single instruction of
# the world switch, of what follows a fault of its own, of page faults and hypercalls that
# take no exit, and of a guest in virtual 8086 mode.  None may be lost, and neither host nor
# guest may notice.  For longer tests than usual, STORM is a number of seconds, and NMIS the
# number of those from outside.

. "$(dirname "$0")/lib/vm.sh"
. "$(dirname "$0")/lib/outside.sh"

STORM=${STORM:-0} NMIS=${NMIS:-4000}
vm_group nmistorm $((240 + STORM)) "STORM=$STORM"
# (LINT1, where QEMU's NMIs come from, is open on the first CPU alone by default)
APPEND="${APPEND:-} apic_extnmi=all" vm_group_outside nminject $((240 + NMIS / 20)) "NMIS=$NMIS"
sweep nmisweep nmi
sweep nmifaults nmi fault_offsets
sweep nmidirect nmi direct_offsets
sweep nmiswitch nmi call_offsets
sweep nmivm86 nmi vm86_offsets
done_testing
