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
		--initrd /guests/linux.initrd --rng --params 'quiet run=cat+/proc/misc+/proc/meminfo' "$@" \
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

# MiB that are the kernel's, and with how many it is booted
limits_of() {
	case $1 in
	*-2g)
		echo 1904 1904 1920 2047
		;;
	*-highmem)
		echo 2047 1025 2047
		;;
	*)
		echo 880 880 896 1025 2047
		;;
	esac
}

# MiB that are free for its programs or were when it started; the kernel itself, and what it
# knows of each page, are some hundredths
has_nearly() {
	[ "$(awk '/^MemTotal:/ { print int($2 / 1024) }' out)" -gt "$(($1 * 95 / 100))" ]
}

possible=$(possible_memory /guests/hello-3.11)

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
	for mib; do
		[ "$mib" -le "$possible" ] || {
			skip "$guest: boots with ${mib}M" "the launcher has addresses for ${possible}M"
			continue
		}
		boots "${mib}M"
		given=$mib said=
		[ "$mib" -le "$limit" ] || given=$limit said=$limit
		is "$(sed -n 's/.* uses \([0-9]*\) of its .*/\1/p' err)" "$said" \
			"$guest: it is said what it cannot use of ${mib}M"
		check "$guest: it has the others" has_nearly "$given"
	done
	boots 1G --params vmalloc=256M
done

check "the module unloads" unload_module lguest
done_testing
