#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The host sleeps, in memory and on disk, with and without guests: on one machine
# of each host's, since what is tested is the kernel's way through a suspend.

. "$(dirname "$0")/lib/vm.sh"
. "$(dirname "$0")/lib/outside.sh"

# A host that saves itself to its swap disk and ends, and another boot that
# resumes from there: the script of the first goes on in the second.
two_boots() {
	"$TOP/scripts/vm" -t 240 -l "$1-saved.log" "$TOP/tests/vm/hibernate.sh"
	"$TOP/scripts/vm" -t 240 -l "$1.log" "$TOP/tests/vm/hibernate-resume.sh"
}

hibernate() {
	local log=$LOGS/hibernate-$HOST-${CPU//,/}-$SMP

	rm -f "$log"*
	truncate -s 512M "$SOCKETS/swap"
	DISK=$SOCKETS/swap tap_of "$log.out" two_boots "$log"
	touch "$log.log" "$log.log.status" "$log-saved.log"
	complete "$log.out" "hibernate: came to its end"
	clean_log "$log.log" "hibernate: the host's log is clean"
	unlike "$(since_init "$log-saved.log")" "$BAD_NEWS" \
		"hibernate: so it was before the image was saved"
}

if [ "$CPU $SMP" != "max 2" ]; then
	skip_all "hosts sleep on one machine of each host's only"
fi
# QEMU 7.2, with a thread for each CPU, does not always wake up a machine that
# has two: "do_boot_cpu failed(-1) to wakeup CPU#1", or the machine is reset.
# That was seen without lguest.ko too, in most runs of eight suspends each of a
# PAE kernel; never with one CPU or with one thread.
export ACCEL=tcg,thread=single
vm_group_outside suspend 360
hibernate
done_testing
