# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Linux as a guest, with too little memory and with more than it can use: it has its
# devices and comes to its end, or is refused.  GUESTS are those that were built.

. /vm/lib.sh

# memory SIZE [OPTION...]: boots the kernel $guest with so much
memory() {
	size=$1
	shift
	timeout 100 lguest run --mem "$size" --kernel "/guests/$guest" \
		--initrd /guests/linux.initrd --rng --params 'quiet run=cat+/proc/misc' "$@" \
		> out 2> err < /dev/null
}

boots() {
	memory "$@"
	is "$? $(grep -c hw_random out)" '0 1' "$guest: boots with $*" ||
		diag "$(tail -n 5 out err)"
}

cd /tmp || exit
check "the module loads" load_module lguest
# (it does not touch all of it)
echo 1 > /proc/sys/vm/overcommit_memory

# MiB that are the kernel's, and a little more than that
limits_of() {
	case $1 in
	*-2g)
		echo 1904 1920M
		;;
	*)
		echo 880 896M 1025M
		;;
	esac
}

for kernel in $GUESTS; do
	for guest in "$kernel" "$kernel.bzImage"; do
		memory 16M
		least=$(sed -n 's/.*it needs at least \([0-9]*\) MiB.*/\1/p' err)
		like "$least" '^[0-9]+$' "$guest: it is said how much it needs" ||
			diag "$(cat err)"
		memory "$((least - 1))M"
		is $? 2 "$guest: with less it is refused"
		boots "${least}M"
	done
	guest=$kernel
	# shellcheck disable=SC2046 # several words
	set -- $(limits_of "$kernel")
	limit=$1
	shift
	for size in "${limit}M" "$@" 2047M; do
		boots "$size"
		uses=$(sed -n 's/.* uses \([0-9]*\) of its .*/\1/p' err)
		[ "$size" != "${limit}M" ] || uses=${uses:-$limit}
		is "$uses" "$limit" "$guest: it is said what it cannot use of $size"
	done
	boots 1G --params vmalloc=256M
done

check "the module unloads" unload_module lguest
done_testing
