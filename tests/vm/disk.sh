# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Disks that are block devices, overlays and snapshots; what is left of them when
# the launcher is killed, and when the host is, which is the end of this script.

. /vm/guest-tap.sh

DEVICES=/tests/guests/devices

# refused NAME REGEX DISK
refused() {
	lguest run -m 16M -k /guests/hello --disk "$3" 2> err > out
	is $? 2 "$1 is refused"
	like "$(cat err)" "$2" "and told why"
}

# writing ERA DISK: a guest that writes, in the background
writing() {
	empty out
	lguest run -m 16M -k "/guests/virtio-$1" --disk "$2" --params rounds > out 2> err < /dev/null &
	writer=$!
	check "$1: a guest writes to $2" wait_for_line 100 out '^# round 3 is complete' ||
		diag "$(tail -n 5 out err)"
}

# the last round that it has told of
round() {
	sed -n 's/^# round \([0-9]*\) is complete.*/\1/p' out | tail -n 1
}

base_is_as_before() {
	check "$1: the base is as it was" md5sum -c base.md5
}

check "the module loads" load_module lguest
check "there is a disk" start_disk
log_mark

# The host's own devices.
mkswap /dev/vda > /dev/null && swapon /dev/vda
refused "a device that the host uses" 'in use by this host' /dev/vda
swapoff /dev/vda
blockdev --setro /dev/vda
refused "a device that is read-only" "add ',ro'" /dev/vda
blockdev --setrw /dev/vda
printf 'QFI\373' | dd of=/dev/vda conv=notrunc 2> /dev/null
refused "a device with qcow2 on it" "needs the program 'qemu-nbd' .apt install qemu-utils" /dev/vda
dd if=/dev/zero of=/dev/vda bs=512 count=1 conv=notrunc 2> /dev/null

# A disk of the classic kind.
dd if=/dev/zero of=base bs=9000 count=1 2> /dev/null
printf begin | dd of=base conv=notrunc 2> /dev/null
printf end | dd of=base bs=1 seek=8997 conv=notrunc 2> /dev/null
yes r | tr -d '\n' | head -c 4096 > ro.img
md5sum base ro.img > base.md5
run_tests classic lguest run -m 16M -k $DEVICES -p disk --disk base,overlay=cow --disk ro.img,ro
base_is_as_before classic
like "$(od -An -c -j 12800 -N 1 cow)" 'a' "classic: the overlay has what was written"
rm cow

# Virtio, with a restart, which has to find what was written before it.
export GUEST_DIR=/guests
dd if=/dev/urandom of=base bs=1M count=1 2> /dev/null
dd if=/dev/zero of=base bs=512 count=1 conv=notrunc 2> /dev/null
md5sum base > base.md5
guest_tests virtio-3.11 --disk base,overlay=cow --params restart
base_is_as_before overlay
md5sum cow > cow.md5
guest_tests virtio-2.6.25 --no-seccomp --disk base,snapshot --disk /dev/vda,ro \
	--params "restart readonly"
base_is_as_before snapshot

# The launcher is killed.
for era in 2.6.24 2.6.31 3.11; do
	rm cow
	if writing $era base,overlay=cow; then
		refused "$era: the overlay of another guest" 'in use by another' base,overlay=cow
	fi
	# shellcheck disable=SC2046 # it may be two processes
	kill -9 $(pidof lguest)
	wait $writer
	check "$era: all of them are gone" wait_for 60 sh -c '! pidof lguest'
	guest_tests virtio-$era --disk base,overlay=cow --params "round=$(round)"
	base_is_as_before $era
done

# The host is killed.
check "nothing in the log" test -z "$(log_since | grep -E 'BUG|WARNING')"
writing 3.11 /dev/vda
refused "a device that a guest has" 'another guest' /dev/vda
done_testing
echo "the end: $(round)"
stty -F /dev/ttyS1 -opost
echo b > /proc/sysrq-trigger
