# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# A processor that lacks something (LACKS: its names in /proc/cpuinfo): the core
# of all other groups, in short.

. /vm/host-state.sh
. /vm/guest-tap.sh

for flag in $LACKS; do
	check_fails "it is without $flag" grep -q "^flags.* $flag\( \|$\)" /proc/cpuinfo
done
load_module hoststate
load_module userwatch
state before
check "the module loads" load_module lguest
log_mark
for cpu in $CPUS; do
	check "a guest runs on CPU $cpu" hello "$cpu"
done
for guest in features userpages refused frames fpu; do
	guest_tests $guest
done
program hostile_fpu
program hostile_debug
if is_64bit; then
	program native64
fi

worker short "seed=1 rounds=50"
cp /guests/tiny.img disk.img
printf 'selftest\npoweroff\n' |
	lguest run --mem 16M --kernel /guests/tiny --disk disk.img > tiny.out 2>&1
is $? 0 "tiny powers off"
like "$(cat tiny.out)" '^selftest: all passed' "after its selftest"
wait $!
like "$(cat short.out)" ', 0 errors' "a guest beside it makes no error" || diag "$(cat short.err)"

for what in without_sysenter without_syscall wrong_cr wrong_frame; do
	is "$(sed -n "s/^$what //p" /proc/userwatch)" 0 "$what: never"
done
unload_module lguest
state after
is "$(differences before after)" "" "nothing is left behind"
quiet_log
done_testing
