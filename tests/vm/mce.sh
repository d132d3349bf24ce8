# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Machine checks from outside on each CPU, of a kind that needs no action, while
# guests run: all must reach the host.

. /vm/events.sh

if ! grep -q '^flags.* mce .*mca' /proc/cpuinfo; then
	skip_all "this processor has no machine checks"
fi

# Uncorrected, enabled and signalled; restartable, and local to the CPU.
harmless='5 0xb100000000000000 0xf 0 0'
times=$((2000 / SMP))

check "lguest.ko loads" load_module lguest
check "eventwatch.ko loads" load_module eventwatch
busy_everywhere
before=$(interrupts MCE)
for cpu in $CPUS; do
	check "machine checks come to CPU $cpu, $times times" ask $times 1 mce "$cpu" "$harmless"
done
end_busy
same_on_both_sides $((times * SMP)) MCE "$before" mce
diag "$(cat /proc/eventwatch)"
check "eventwatch.ko unloads" unload_module eventwatch
check "a guest runs" hello
check "lguest.ko unloads" unload_module lguest
done_testing
