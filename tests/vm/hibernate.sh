# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Suspend to disk with guests: this script begins in one boot of the host and
# ends in another, which hibernate-resume.sh has started.

. /vm/sleep.sh

load_module hoststate
check "there is a swap disk" start_disk
check "it is made" mkswap /dev/vda
check "and used" swapon /dev/vda
load_module lguest
hello 0
hello $((SMP - 1))
state idle
start_guests
state at-work
check "the host sleeps and wakes up" sh -c 'echo disk > /sys/power/state'
unchanged_since at-work "with guests"
is "$(pges now)" "$(pges_with_guests)" "with guests: global pages are as with guests"
go_on "with guests"
end_guests
state after
is "$(differences idle after)" "" "all is as before the first guest"
for cpu in $CPUS; do
	check "a guest runs on CPU $cpu" hello "$cpu"
done
unload_module lguest
check "the module loads again" load_module lguest
check "and a guest runs" hello 1
unload_module lguest
done_testing
