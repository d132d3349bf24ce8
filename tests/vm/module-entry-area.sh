# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# A kernel for few CPUs has its cpu entry area where the switcher likes to be:
# the switcher stays out of it, its empty pages included, and lives behind it;
# where there is no other room, the module says so, and changes nothing.

. /vm/place.sh

# base register of the first CPU, or of all
bases() {
	sed -n "s/^$1 \([0-9a-f]*\) .*/0x\1/p" before
}

state before
first=$(bases idtr | head -n 1)
is "$first" 0xffc00000 "the cpu entry area is where the switcher likes to be"

# each CPU's part begins with its GDT, and all are of one size
gdt=$(bases gdtr | head -n 1)
size=$(($(bases gdtr | sed -n 2p) - gdt))
last=$(bases gdtr | tail -n 1)
check "the CPUs' parts are known" test $size -gt 8192

load_module lguest
now=$(place)
check "by default: it is at $now, behind the cpu entry area" test $((now)) -ge $((last + size))
lives_at "$now" "by default"

# the IDT; a GDT; guard pages, which are empty; the end of the area
for bad in $((first)) $((gdt)) $((gdt + 4096)) $((last + 4096)) $((last + size - 4096)); do
	bad=$(printf '0x%x' $bad)
	check "switcher_addr=$bad, which is taken" load_module lguest switcher_addr="$bad"
	lives_at "$now" "switcher_addr=$bad"
done
good=$(printf '0x%x' $((now + 8192)))
check "switcher_addr=$good, which is free" load_module lguest switcher_addr="$good"
lives_at "$good" "switcher_addr=$good"

load_module squatter ptes=1024
refused 'lguest: no room for the switcher' "without room"
unload_module squatter
done_testing
