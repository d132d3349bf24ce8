#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Linux as a guest, where "make linux-guest" has built it: its devices, clocks,
# processes, and how it ends.
. "$(dirname "$0")/lib/vm.sh"

linux_guests() {
	(cd "$TOP/build/linux" 2>/dev/null && ls linux linux-pae 2>/dev/null) | xargs
}

LINUX=$(linux_guests)
export LINUX
[ -n "$LINUX" ] || skip_all "no Linux guest was built: make linux-guest"
vm_group linux 600 GUESTS="$LINUX"
done_testing
