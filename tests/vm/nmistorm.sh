# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# NMIs at full rate on the CPU where a guest runs: each must reach the host.
# The storm is over the world switch alone, because no kernel survives it long in
# QEMU: its CMPXCHG8B, which the kernel allocates memory with, leaves rubbish in
# EFLAGS for whatever interrupts next.  So the guest needs its launcher only at
# the start and the end, and makes no page faults.  STORM is for how many seconds it is
# to last at least.

. /vm/lib.sh

if [ "$SMP" -lt 2 ]; then
	skip_all "there is no other CPU to send NMIs"
fi

COUNT=6000
check "lguest.ko loads" load_module lguest
check "nmistorm.ko loads" load_module nmistorm cpu=1 count=$COUNT
mkfifo keys
taskset 2 lguest run --mem 16M --kernel /tests/guests/busy --params calls \
	--stats < keys > guest.out 2> guest.err &
exec 3> keys
check "a guest is busy" wait_for_line 30 guest.out busy
end=$(($(date +%s) + ${STORM:-0}))
storms=0
while [ $storms = 0 ] || [ "$(date +%s)" -lt $end ]; do
	echo > /proc/nmistorm || break
	storms=$((storms + 1))
done
check "the storm ends" test $storms -gt 0
echo >&3
wait $!
is $? 0 "the guest ends well"
is "$(tail -n 1 guest.out)" "0 errors" "it was not harmed"
is "$(head -n 1 /proc/nmistorm)" "sent $((storms * COUNT))" "it was a storm"
is "$(tail -n 1 /proc/nmistorm)" "lost 0" "no NMI was lost"
like "$(cat /proc/nmistorm)" 'wrong_cr 0' "and all found the host's control registers"
# (how many is up to the machine: one that follows the last leaves the guest no time)
like "$(cat guest.err)" 'nmi_exits:.[1-9]' "some came while the guest ran"
check "nmistorm.ko unloads" unload_module nmistorm
check "lguest.ko unloads" unload_module lguest
done_testing
