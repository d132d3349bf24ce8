# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Linux as a guest: that it boots without a complaint, its devices, its clocks, what
# programs rely on (tests/prog/linux_user.c and the kernel's own tests of x86), and
# that it leaves nothing behind.  GUESTS are those that were built.

. /vm/linux-lib.sh

ADDRESS=192.168.19.1 GUEST_ADDRESS=192.168.19.2

# the kernel's own tests, which this runs in a directory: each one's end in a line
cat > /selftests/all << 'END'
cd "$1" || exit
for test in *_32; do
	for try in 1 2 3 4; do
		timeout 60 "./$test" > /tmp/selftest.out 2>&1
		status=$?
		# (Without NX it goes on in its stack, where by chance its handler was: 1 of 15.)
		[ "$test $status" = "nx_stack_32 132" ] || [ "$test $status" = "nx_stack_32 139" ] ||
			break
	done
	echo "selftest $test $status $(grep -c '^\[OK\]' /tmp/selftest.out)" \
		"$(grep -c '^\[FAIL\]' /tmp/selftest.out)"
done
END

# A guest does not have what guests/linux/README says: these do less, or say so.
DIFFERENT='ioperm_32 iopl_32 ldt_gdt_32 sigaltstack_32 sigreturn_32 syscall_arg_fault_32'
# These tell of the vDSO, which is each release's own, and in 7.3 is another with SYSENTER.
OF_VDSO='test_vsyscall_32 unwind_vdso_32'

# QEMU makes the far return of ring 3 as the supervisor, which SMAP forbids: this one
# makes a 64-bit host fall, without lguest.
without_vdso_test() {
	[ "$(uname -m)" = x86_64 ] && grep -qw smap /proc/cpuinfo || return 0
	rm /selftests/*/test_syscall_vdso_32
	skip "test_syscall_vdso_32" "QEMU lets no 64-bit host with SMAP have it"
}

# those of each release, on the host: /selftests/KERNEL is a link to its release's
selftests_here() {
	for directory in /selftests/[0-9]*; do
		sh /selftests/all "$directory" | grep '^selftest' > "selftests.${directory##*/}"
	done
}

# may_differ TEST: does what it says on the host not say what it has to in the guest?
may_differ() {
	case " $DIFFERENT " in
	*" $1 "*)
		return 0
		;;
	esac
	case $release:$(uname -r) in
	6.1:6.1.*)
		return 1
		;;
	esac
	case " $OF_VDSO " in
	*" $1 "*)
		return 0
		;;
	esac
	return 1
}

selftests_agree() {
	release=$(readlink "/selftests/$guest")
	grep '^selftest ' out.lines > "$guest.selftests"
	check "$guest: there are such tests" [ -s "$guest.selftests" ]
	for test in "/selftests/$release"/*_32; do
		test=${test##*/}
		here=$(grep "^selftest $test " "selftests.$release")
		there=$(grep "^selftest $test " "$guest.selftests")
		if may_differ "$test"; then
			unlike "$there" ' 1[2-9][0-9] ' "$guest: $test ends by itself"
			diag "$there (native: ${here#selftest * })"
		else
			is "$there" "$here" "$guest: $test ends as on the host"
		fi
	done
}

# What an idle guest costs: exits for each of the interrupts that it asked for, and some for
# what it does now and then; the host's own interrupts do not count, which are more the
# longer a busy host takes over all that.
counts() {
	lguest stat idle | awk '$1 == "exits:" { exits = $2 } $1 == "irq_exits:" { host = $2 }
		$1 == "irq_injections:" { irqs = $2 } END { print exits - host, irqs }'
}

idles() {
	empty out
	lguest run --mem 96M --kernel "/guests/$guest" --initrd initrd --name idle \
		--params "quiet $(run_parameter 'echo idle; sleep 20; cat')" < keys > out 2> err &
	check "$guest: it starts" wait_for_line 60 out '^idle'
	sleep 2
	counts > before
	sleep 10
	counts > after
	read -r exits irqs <<- EOF
		$(cat before after | awk '{ e = $1 - e; i = $2 - i } END { print e, i }')
	EOF
	diag "$guest: idle for 10 s: $exits exits, $irqs interrupts"
	check "$guest: when idle it runs for its timers" [ "$exits" -le $((irqs * 12 + 100)) ]
	check "$guest: which are few" [ "$irqs" -le 100 ]
	lguest stop --kill idle > /dev/null
	wait $!
}

cd /tmp || exit
check "the module loads" load_module lguest
check "the machine has a tap" load_module tun
initrd_with /tests/linux_user
mkfifo keys
sleep 10000 > keys &
without_vdso_test
selftests_here
dd if=/dev/urandom of=random bs=1M count=4 2> /dev/null

for guest in $GUESTS; do
	run_linux 'dmesg; uname -r; cat /proc/interrupts; md5sum /dev/vda; echo end' \
		--disk random,ro --rng
	show_on_failure is "$STATUS" 0 "$guest: powers off"
	like "$(cat out.lines)" 'guest of lguest, in ring 1' "$guest: it says what it runs under"
	like "$(cat out.lines)" "$(md5sum < random | cut -d ' ' -f 1)" "$guest: reads a disk"
	like "$(cat out.lines)" '^end$' "$guest: its shell comes to its end"
	unlike "$(cat out.lines)" "$COMPLAINTS" "$guest: it does not complain"

	run_linux linux_user
	show_on_failure is "$STATUS" 0 "$guest: programs run"
	user_space

	cp random disk
	run_linux 'dd if=/dev/hwrng of=/tmp/a bs=64k count=16 iflag=fullblock; md5sum /tmp/a; dd if=/tmp/a of=/dev/vda; sync' \
		--disk disk --rng
	show_on_failure is "$STATUS" 0 "$guest: writes to a disk"
	like "$(cat out.lines)" "$(dd if=disk bs=64k count=16 2> /dev/null | md5sum | cut -d ' ' -f 1)" \
		"$guest: and what it wrote is there"

	run_linux "ip addr add $GUEST_ADDRESS/24 dev eth0; ip link set eth0 up; ping -c 3 $ADDRESS" \
		--net "tap=$ADDRESS"
	like "$(cat out.lines)" '3 packets received' "$guest: the host answers it by network" ||
		diag "$(tail -n 30 out.lines err)"

	mkdir shared
	echo given > shared/given
	run_linux 'cat /mnt/host/given; md5sum /bin/busybox | tee /mnt/host/sum' \
		--share shared
	like "$(cat out.lines)" '^given' "$guest: reads what the host shares"
	is "$(cat shared/sum)" "$(grep ' /bin/busybox$' out.lines)" \
		"$guest: writes there" || diag "$(tail -n 30 out.lines err)"
	like "$(cat shared/sum)" '^[0-9a-f]{32} ' "$guest: and it is a sum" || diag "$(cat err)"
	run_linux 'linux_user /mnt/host/mapped' --share shared
	show_on_failure is "$STATUS" 0 "$guest: programs map what the host shares"
	user_space
	like "$(cat shared/mapped)" '^written through a mapping$' "$guest: and the host has it"
	rm -r shared

	run_linux "sh /mnt/host/all /mnt/host/$(readlink "/selftests/$guest")" --share /selftests
	selftests_agree

	# shellcheck disable=SC2016 # the guest's own
	run_linux 'cd /lib/modules/$(uname -r) && insmod dummy.ko && ip link add dummy7 type dummy && cat /proc/modules; ip link del dummy7; rmmod dummy && echo gone'
	like "$(cat out.lines)" '^dummy .*Live' "$guest: loads a module"
	like "$(cat out.lines)" '^gone' "$guest: and unloads it" || diag "$(tail -n 30 out.lines err)"

	run_kernel 120 "$guest.bzImage" uname
	show_on_failure is "$STATUS" 0 "$guest: boots from its bzImage"
	like "$(cat out.lines)" '^Linux' "$guest: and runs"
	idles
	no_leak "$guest: leaves nothing behind" 3000 2 run_linux true --disk random,ro --rng
done

check "the module unloads" unload_module lguest
done_testing
