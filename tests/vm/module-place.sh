# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Where the switcher lives: it makes way for others, goes where it is told,
# and where there is no room the module says what to do, and changes nothing.

. /vm/host-state.sh

TOP_SLOT=0xffc00000

# where it is now: the lowest page that is not in the file "before"
place() {
	state now
	diff -U 0 before now | sed -n 's/^+pte \([0-9a-f]*\) .*/0x\1/p' | sort | head -n 1
}

# a guest runs, and is told to leave the top 4 MiB alone
good_guest() {
	for cpu in $CPUS; do
		hello "$cpu" || return
	done
	worker short "seed=1 rounds=3"
	wait $!
	grep -q '^reserve_mem 4194304' short.out && grep -q ', 0 errors' short.out
}

# lives_at ADDRESS NAME: loaded as it is, it is there and works; then it goes
lives_at() {
	is "$(place)" "$1" "$2: it is at $1"
	check "$2: guests run" good_guest
	unload_module lguest
	state after
	is "$(differences before after)" "" "$2: nothing is left behind"
}

# refused REGEX NAME [PARAMETER...]: not loaded, one line of log, no change
refused() {
	r_line=$1 r_name=$2
	shift 2
	state before
	log_mark
	check_fails "$r_name: it does not load" load_module lguest "$@"
	like "$(log_since)" "$r_line" "$r_name: the log says why"
	# (busybox's insmod asks the kernel twice)
	is "$(log_since | sed 's/^.*\] //' | uniq | wc -l)" 1 "$r_name: in one line" ||
		diag "$(log_since)"
	state after
	is "$(differences before after)" "" "$r_name: nothing has changed"
}

load_module hoststate
check "it loads" load_module lguest
unload_module lguest

state before
load_module lguest
lives_at $TOP_SLOT "by default"

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
lives_at $TOP_SLOT "in that hole"
unload_module squatter

load_module squatter gdt_ro=1
state before
check "where a CPU's GDT cannot be written at the address it has it loads" load_module lguest
lives_at $TOP_SLOT "with read-only GDTs"
unload_module squatter

load_module squatter ptes=1024
refused 'lguest: .*reservetop=4M' "without room"
unload_module squatter
load_module squatter pte=$((TOP_SLOT + (pages - 1) * 4096)) ptes=1024
refused 'lguest: .*reservetop=4M' "one page short"
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
lives_at $TOP_SLOT "switcher_addr=0xfffff000"
for bad in 0 0xffbff000 0xffc00001 0xffc00800; do
	refused 'lguest: switcher_addr must be' "switcher_addr=$bad" switcher_addr=$bad
done
check_fails "switcher_addr must be a number" load_module lguest switcher_addr=top
done_testing
