# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Is the host VM the machine that the other tests rely on?

. /vm/lib.sh

case $HOST in
*amd64*)
	check "the host is a 64-bit kernel" is_64bit
	;;
*)
	is "$(uname -m)" i686 "the host is a 32-bit kernel"
	;;
esac
is "$(grep -c ^processor /proc/cpuinfo)" "$SMP" "it has the CPUs that were asked for"
check "waiting ends when the event has come" wait_for 5 true
check_fails "waiting ends when the time is up" wait_for 0 false
like "$(memory_in_use)" '^[0-9]+$' "memory in use can be counted"

check "the module that shows CPU state loads" load_module hoststate
cat /proc/hoststate > before
cat /proc/hoststate > after
is "$(grep -c '^cpu ' before)" "$SMP" "it shows every CPU"
like "$(cat before)" '^idt 255 [0-9a-f]{16}$' "it shows the whole IDT"
check "it shows the same twice" diff before after
check "it unloads" unload_module hoststate

if [ "$SMP" -gt 1 ]; then
	check "the module that sends NMIs loads" load_module nmistorm cpu=1 count=500
	check "it sends them" sh -c 'echo > /proc/nmistorm'
	is "$(tr '\n' ' ' < /proc/nmistorm)" "sent 500 handled 500 wrong_cr 0 lost 0 " "all were handled"
	check "it unloads" unload_module nmistorm
else
	skip "NMIs are sent" "there is no other CPU to send them"
fi
done_testing
