# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Linux as a guest: that it boots without a complaint, its devices, its clocks, what
# programs rely on (tests/prog/linux_user.c), and how it ends.  GUESTS are those
# that were built.  A guest runs one command (guests/linux/init) and powers off.

. /vm/lib.sh

ADDRESS=192.168.19.1 GUEST_ADDRESS=192.168.19.2
COMPLAINTS='WARNING:|BUG:|Oops|Call Trace|Kernel panic|lockup|rcu.*stall'

# the initial ramdisk, and one more file in /bin
make_ramdisk() {
	mkdir -p ramdisk/bin
	cp /tests/linux_user ramdisk/bin/
	(cd ramdisk && find bin | cpio -o -H newc 2> /dev/null) | gzip | cat /guests/linux.initrd - > initrd
}

# run_linux COMMAND [OPTION...]: what the guest says is in the file out
run_linux() {
	command=$(echo "$1" | tr ' ' +)
	shift
	timeout 120 lguest run --mem 96M --kernel "/guests/$guest" --initrd initrd \
		--params "quiet run=$command" "$@" > out 2> err
	status=$?
	tr -d '\r' < out > out.lines
}

show_on_failure() {
	"$@" || diag "$(tail -n 30 out.lines err)"
}

# the guest's programs have lines of their own for each result
user_space() {
	while read -r word name; do
		case $word in
		good)
			pass "$guest: $name"
			;;
		bad)
			fail "$guest: $name"
			;;
		esac
	done < out.lines
}

cd /tmp || exit
check "the module loads" load_module lguest
check "the machine has a tap" load_module tun
make_ramdisk
dd if=/dev/urandom of=random bs=1M count=4 2> /dev/null

for guest in $GUESTS; do
	run_linux 'dmesg; uname -r; cat /proc/interrupts; md5sum /dev/vda; echo end' \
		--disk random,ro --rng
	show_on_failure is $status 0 "$guest: powers off"
	like "$(cat out.lines)" 'guest of lguest, in ring 1' "$guest: it says what it runs under"
	like "$(cat out.lines)" "$(md5sum < random | cut -d ' ' -f 1)" "$guest: reads a disk"
	like "$(cat out.lines)" '^end$' "$guest: its shell comes to its end"
	unlike "$(cat out.lines)" "$COMPLAINTS" "$guest: it does not complain"

	run_linux linux_user
	show_on_failure is $status 0 "$guest: programs run"
	user_space

	cp random disk
	run_linux 'dd if=/dev/hwrng of=/tmp/a bs=64k count=16 iflag=fullblock; md5sum /tmp/a; dd if=/tmp/a of=/dev/vda; sync' \
		--disk disk --rng
	show_on_failure is $status 0 "$guest: writes to a disk"
	like "$(cat out.lines)" "$(dd if=disk bs=64k count=16 2> /dev/null | md5sum | cut -d ' ' -f 1)" \
		"$guest: and what it wrote is there"

	run_linux "ip addr add $GUEST_ADDRESS/24 dev eth0; ip link set eth0 up; ping -c 3 $ADDRESS" \
		--net "tap=$ADDRESS"
	like "$(cat out.lines)" '3 packets received' "$guest: the host answers it by network" ||
		diag "$(tail -n 30 out.lines err)"

	run_linux 'echo c > /proc/sysrq-trigger'
	is $status 1 "$guest: a panic ends it"
	like "$(cat err)" 'sysrq triggered crash' "$guest: and is told to the user"

	# restarts once: the disk tells
	dd if=/dev/zero of=disk bs=4k count=1 2> /dev/null
	run_linux 'if grep -q again /dev/vda; then echo restarted; else echo again > /dev/vda; sync; reboot -f; fi' \
		--disk disk
	show_on_failure is $status 0 "$guest: reboots"
	like "$(cat out.lines)" '^restarted' "$guest: and then powers off"
done

check "the module unloads" unload_module lguest
done_testing
