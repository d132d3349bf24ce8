# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# NMIs from outside, to all CPUs at once (the kernel's parameter
# apic_extnmi=all), while a guest runs on each: all must reach the host.  See
# nmistorm.sh for why nothing else happens meanwhile.  NMIS is how many.

. /vm/events.sh

times=$((${NMIS:-4000} / SMP))

check "lguest.ko loads" load_module lguest
check "eventwatch.ko loads" load_module eventwatch
busy_everywhere
before=$(interrupts NMI)
check "NMIs come, $times times" ask $times "$SMP" nmi
end_busy
same_on_both_sides $((times * SMP)) NMI "$before" nmi
diag "$(cat /proc/eventwatch)"

if grep -q '^flags.* arch_perfmon' /proc/cpuinfo; then
	fail "perf's NMIs are not tested: this processor can make them"
else
	skip "perf's own NMIs" "this processor has no performance counters"
fi
check "eventwatch.ko unloads" unload_module eventwatch
check "lguest.ko unloads" unload_module lguest
done_testing
