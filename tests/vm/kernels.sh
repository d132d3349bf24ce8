# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The launcher with kernels as they come (tests/bzimage), with any amount of memory,
# and with what is wrong with them.  launcher/unit has all amounts.

. /vm/guest-tap.sh

DEVICES=/tests/guests/devices

cd /tmp || exit
check "the module loads" load_module lguest
# What guests do not touch, they need not have: more than this machine has is enough.
echo 1 > /proc/sys/vm/overcommit_memory

# least KERNEL: the least memory for it, by what is said of too little
least() {
	lguest run -m 1M -k "$1" 2>&1 | sed -n 's/.*it needs at least \([0-9]*\) MiB.*/\1/p'
}

for era in 2.6.24 2.6.25; do
	image=/tests/guests/bzimage-$era
	lguest run -v -m 16M -k $image > out 2> err
	is $? 0 "a bzImage of $era boots, in which is no ELF file" || diag "$(cat err)"
	like "$(cat out)" "^memory: 16 MB, release: $era" "$era: and does what the kernel in it does"
	like "$(cat err)" "kernel: Linux $era" "$era: the launcher knows what it is"
	is "$(least $image)" 2 "$era: it says how much memory it needs"
	lguest run -m 2M -k $image > out 2> err
	is $? 0 "$era: which is true" || diag "$(cat err)"
	head -c 10000 $image > half
	like "$(lguest run -m 16M -k half 2>&1)" 'damaged|cut off' "$era: half of it is recognised"
done

# Sizes around those where something changes: the end of low memory, and 1G, from
# where an address at PAGE_OFFSET is none.
for guest in hello hello-2.6.24 hello-2.6.25 hello-2.6.29 hello-2.6.30 hello-2.6.31 \
	hello-2.6.34 hello-3.0 hello-3.11; do
	for format in '' -pae; do
		for size in 16 767 769 880 897 1023 1025 2047; do
			lguest run -m ${size}M -k /guests/$guest$format > out 2> err
			is "$? $(sed -n 's/^memory: \([0-9]* MB\).*/\1/p' out) $(cat err)" \
				"0 $size MB " "$guest$format: all of its $size MB"
		done
	done
done
head -c 10000 $DEVICES > initrd
(cat initrd; dd if=/dev/zero bs=$((12288 - 10000)) count=1 2> /dev/null) > padded
for size in 800M 1G 2047M; do
	lguest run -m $size -k $DEVICES -p initrd --initrd initrd > out
	check "a guest of $size reaches its initrd" cmp padded out
done

# What launcher or host make for it has to be there, too.
for era in 2.6.24 2.6.25 2.6.29 2.6.30 2.6.31 2.6.34; do
	GUEST_MEM=1025M guest_tests era-$era
done

# What is said of wrong ones.
like "$(lguest run -k /guests/hello-3.11 --release 2.6.23 2>&1)" \
	'is no guest of Linux 2.6.23.*without --release, for Linux 3.11' \
	"a wrong --release is recognised"
like "$(lguest run -k /guests/hello --release 3.11 2>&1)" \
	'is a guest of Linux 2.6.23' "also of a classic guest"
head -c 5000 /guests/hello-3.11 > half
like "$(lguest run -k half 2>&1)" 'half: is cut off' "half a kernel is recognised"
: > empty
like "$(lguest run -k empty 2>&1)" 'empty: is empty' "and an empty one"

check "the module unloads" unload_module lguest
done_testing
