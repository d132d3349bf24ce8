#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the processor can, and what of it guests may see; and processors that
# lack something, on one machine of each host's.

. "$(dirname "$0")/lib/vm.sh"

# without CPU FLAG...: a processor that lacks these
without() {
	local cpu=$1
	shift

	CPU=$cpu vm_group variant 300 "LACKS=$*"
}

vm_group features 300
# (each takes a VM of its own: so not all on all hosts)
if [ "$CPU $SMP" = "max 2" ] && [ "${APPEND#*pti=off}" = "$APPEND" ]; then
	without max,-pge pge
	case $HOST in
	*pae)
		without max,-nx nx
		without max,-sep sep
		without max,-smap,-umip smap umip
		;;
	*amd64*)
		without max,-xsave xsave
		without max,-smep,-smap,-umip smep smap umip
		without max,-nx nx
		without qemu64 fsgsbase pku smep
		;;
	*)
		without max,-xsave xsave
		without max,-smep smep
		without pentium2 sse sse2 nx
		;;
	esac
fi
done_testing
