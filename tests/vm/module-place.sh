# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Where the switcher lives: it makes way for others, goes where it is told,
# and where there is no room the module says what to do, and changes nothing.

. /vm/place.sh

check "it loads" load_module lguest
unload_module lguest

state before
load_module lguest
lives_at "$TOP_SLOT" "by default"

load_module squatter ptes=1
state before
check "with the first page taken it loads" load_module lguest
lives_at 0xffc01000 "with the first page taken"
unload_module squatter

# its own room, but for the last page
pages=$((1 + 3 * $(possible)))
load_module squatter pte=$((TOP_SLOT + (pages - 1) * 4096)) ptes=1
state before
check "in a hole that is too small by one page it does not live" load_module lguest
lives_at "$(printf '0x%x' $((TOP_SLOT + pages * 4096)))" "behind that hole"
unload_module squatter
load_module squatter pte=$((TOP_SLOT + pages * 4096)) ptes=1000
state before
check "with one hole that is just large enough it loads" load_module lguest
lives_at "$TOP_SLOT" "in that hole"
unload_module squatter

load_module squatter gdt_ro=1
state before
check "where a CPU's GDT cannot be written at the address it has it loads" load_module lguest
lives_at "$TOP_SLOT" "with read-only GDTs"
unload_module squatter

load_module squatter ptes=1024
refused "lguest: no room .* $pages pages .* nr_cpus=" "without room"
unload_module squatter
load_module squatter pte=$((TOP_SLOT + (pages - 1) * 4096)) ptes=1024
refused "lguest: no room .* $pages pages .* nr_cpus=" "one page short"
unload_module squatter

for cpu in 0 $((SMP - 1)); do
	load_module squatter gdt_cpu=$cpu
	refused 'lguest: GDT slots 10 and 11 are in use' "with a GDT slot of CPU $cpu taken"
	unload_module squatter
done

state before
for good in 0xffc01000 0xffc40000; do
	check "switcher_addr=$good" load_module lguest switcher_addr=$good
	lives_at $good "switcher_addr=$good"
done
# too close to the end: the next best place is as good
check "switcher_addr=0xfffff000" load_module lguest switcher_addr=0xfffff000
lives_at "$TOP_SLOT" "switcher_addr=0xfffff000"
for bad in 0 0xffbff000 0xffc00001 0xffc00800; do
	refused 'lguest: switcher_addr must be' "switcher_addr=$bad" switcher_addr=$bad
done
check_fails "switcher_addr must be a number" load_module lguest switcher_addr=top
done_testing
