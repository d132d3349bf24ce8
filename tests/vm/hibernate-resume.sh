# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The boot that resumes from what hibernate.sh has left on the disk.

. /vm/lib.sh

start_disk
cat /sys/block/vda/dev > /sys/power/resume
fail "the host has not resumed"
dmesg | tail -n 20
done_testing
