# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Loading and unloading: what the host gets, and that nothing of it stays.

. /vm/host-state.sh

load_and_unload() {
	load_module lguest && unload_module lguest
}

# the permission bits of the new page table entries: the switcher's text, and
# the host's own page of each CPU; neither is global, or open to user space
new_entries() {
	diff -U 0 before idle | sed -n 's/^+pte \(.*\)/\1/p' | sort -u |
		awk '{ printf "%s%s", n++ ? " " : "", substr($2, length($2) - 2) }'
}

expected_entries() {
	echo 001
	for cpu in $(seq "$(possible)"); do
		echo 003
	done
}

check "the module that shows the host's state loads" load_module hoststate
check "there is no /dev/lguest" test ! -e /dev/lguest
state before

check "the module loads" load_module lguest
log_mark
check "/dev/lguest appears" test -c /dev/lguest
is "$(stat -c %a /dev/lguest)" 600 "it is root's alone"
like "$(grep '^lguest ' /proc/modules)" ' Live ' "it is alive"
if is_64bit; then
	check_fails "its switcher has no place to be chosen" \
		test -e /sys/module/lguest/parameters/switcher_addr
else
	is "$(cat /sys/module/lguest/parameters/switcher_addr)" $((0xffc00000)) \
		"its parameter can be read"
fi
check_fails "a second time it does not load" load_module lguest
is "$(cat /sys/module/lguest/refcnt)" 0 "nobody uses it"

state idle
if is_64bit; then
	is "$(differences before idle)" "" "while it is idle, the CPUs are as they were"
else
	is "$(kinds before idle)" "gdt pte" \
		"while it is idle, CPUs differ in descriptors and pages only"
	is "$(differences before idle | grep '^gdt' | xargs)" "gdt 10 gdt 11" \
		"the descriptors are those of slots 10 and 11"
	is "$(new_entries)" "$(expected_entries | xargs)" \
		"the pages are the host's alone, and the text cannot be written"
fi

exec 4<> /dev/lguest
check_fails "it does not unload while its device is open" unload_module lguest
exec 4>&-
worker busy seed=1
busy=$!
at_work busy
check_fails "it does not unload while a guest runs" unload_module lguest
kill -STOP $busy "$(child_of $busy)"
check_fails "nor while one is stopped" unload_module lguest
kill -CONT $busy "$(child_of $busy)"
end_worker busy $busy

check "it unloads" unload_module lguest
check "/dev/lguest disappears" test ! -e /dev/lguest
state after
is "$(differences before after)" "" "a guest has left nothing behind"

load_module lguest
for cpu in $CPUS; do
	check "a guest runs on CPU $cpu" hello "$cpu"
done
state idle-again
is "$(differences idle idle-again | grep -v '^pte')" "" "loaded again it is the same"
unload_module lguest
state after
is "$(differences before after)" "" "guests on all CPUs have left nothing behind"

# (each CPU keeps slabs for itself, which it takes some hundred times to fill)
no_leak "it loads and unloads 100 times, and all memory comes back" \
	$((SMP > 2 ? SMP * 100 : 200)) 100 load_and_unload
check_fails "now it is not loaded" grep -q '^lguest' /proc/modules
state after
is "$(differences before after)" "" "100 times have left nothing behind"

# Records of what guests do, for those who want to see.
tracing
cd /sys/kernel/tracing || exit
check_fails "there are no events without it" test -e events/lguest
load_module lguest
for event in exit hypercall page_fault interrupt; do
	check "there is an event lguest_$event" test -f events/lguest/lguest_$event/format
done
(cd /tmp && hello)
is "$(grep -c lguest_ trace)" 0 "by default nothing is recorded"
echo 1 > events/lguest/enable
(cd /tmp && hello)
echo 0 > events/lguest/enable
for event in exit hypercall page_fault; do
	like "$(grep -m 3 "lguest_$event:" trace)" "lguest_$event: [a-z]+ [0-9a-fx]+" \
		"lguest_$event is recorded"
done
echo > trace
unload_module lguest
check_fails "the events go away with it" test -e events/lguest
cd /tmp || exit

quiet_log
done_testing
