# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Linux as a guest of a host whose TSC is a clock: what programs rely on, as in linux.sh.

. /vm/lib.sh
. /vm/linux-lib.sh

check "the module loads" load_module lguest
cd /tmp || exit
initrd_with /tests/linux_user
for guest in $GUESTS; do
	run_linux linux_user
	show_on_failure is "$STATUS" 0 "$guest: programs run"
	user_space
done
check "the module unloads" unload_module lguest
done_testing
