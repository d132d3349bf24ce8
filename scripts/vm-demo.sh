# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In the host VM: boots the guest once for each of its files of commands (so
# that the second boot sees what the first left on the disk), or just once.

. /vm/vm-guest.sh

demos=$(ls "/guests/$GUEST_NAME"-demo-*.txt 2>/dev/null)
for demo in ${demos:-/dev/null}; do
	boot_guest < "$demo" || exit
done
rmmod lguest
