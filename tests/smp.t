#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Guests on every CPU and from one to another: moved, kicked, stopped and killed;
# and kernels that were told to use fewer CPUs than there are, or that others may
# come.

. "$(dirname "$0")/lib/vm.sh"

# with PARAMETERS: of the kernel's command line.  (It warns of AMD's processors
# when one comes late.)
with() {
	CPU=$CPU,vendor=GenuineIntel APPEND="${APPEND:-} $*" vm_group smp 360
}

vm_group smp 360
# (each takes a VM of its own: so not on all machines)
if [ "$CPU $SMP" = "max 2" ]; then
	with nr_cpus=1
	with maxcpus=1 possible_cpus=5
	SMP=4 with nr_cpus=2
fi
done_testing
