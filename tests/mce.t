#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Machine checks while guests run: thousands; one at each single instruction of
# the world switch; and those that kill a guest, or the host.

. "$(dirname "$0")/lib/vm.sh"
. "$(dirname "$0")/lib/outside.sh"

# the kernel remembers that there was one
EXPECTED_TAINT=$((EXPECTED_TAINT | 1 << 4))
# uncorrected, enabled, signalled; restartable, and local
HARMLESS='0xb100000000000000 0xf 0 0'

# (of what AMD's processors can have, the kernel logs nothing that it survives,
# and of what is uncorrected 5.10 survives nothing)
intel=$CPU,vendor=GenuineIntel
CPU=$intel vm_group_outside mce 240
CPU=$intel sweep mcesweep "mce 0 5 $HARMLESS"

# The end of a host, by the kernel's own panic and not by the processor's reset.
if [ "$CPU $SMP" = "max 2" ]; then
	log=$LOGS/mcefatal-$HOST-$intel-$SMP.log
	CPU=$intel with_outside mcefatal run_to_death mcefatal "$log"
	like "$(since_init "$log")" 'Kernel panic - not syncing: Fatal.* machine check' \
		"mcefatal: the host's last words are its own"
	like "$(since_init "$log")" 'Machine Check.*Bank 5: b200000000000000' \
		"mcefatal: it says what it was"
else
	skip mcefatal "on one machine of each host's only"
fi
done_testing
