# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Linux as a guest, as somebody sees it who types or has a command run: the terminal,
# the command line, names, sizes of memory, and each way to end.  GUESTS are those that
# were built.

. /vm/linux-lib.sh

ADDRESS=192.168.19.1 GUEST_ADDRESS=192.168.19.2 NAME_SERVER=192.168.19.53

# boots it to a shell, which hears what is written to the file keys
start_shell() {
	empty out
	timeout 300 lguest run --mem 96M --kernel "/guests/$guest" --initrd initrd \
		--params "quiet TERM=xterm LINES=31 COLUMNS=97" < keys > out 2> err &
	launcher=$!
	check "$guest: there is a prompt" wait_for_line 100 out '# '
}

# answers KEYS REGEX NAME
answers() {
	printf %b "$1" > keys
	check "$guest: $3" wait_for_line 60 out "$2" || diag "$(tail -n 20 out err)"
}

# seen N REGEX: twice is what the terminal has echoed and a program has printed
seen() {
	[ "$(grep -c "$2" out)" -ge "$1" ]
}

ends() {
	wait $launcher
	is $? 0 "$guest: and ends the guest" || diag "$(tail -n 20 out err)"
	unlike "$(cat err)" 'died' "$guest: without a complaint"
}

terminal() {
	start_shell
	answers 'tty\n' '^/dev/hvc0' "it is on a terminal"
	answers 'env -i /bin/stty size\n' '^31 97' "of the size that was said"
	# shellcheck disable=SC2016 # the guest's own
	answers 'echo $TERM\n' '^xterm' "and of that kind"
	# shellcheck disable=SC2016
	answers 'echo name $(hostname); whoami; ping -c 1 localhost\n' '^name lguest' "it has a name"
	answers '' '^root' "and so has its user"
	answers '' '1 packets received' "it knows itself"

	# (in the same process, which is in the foreground then)
	answers 'sh -c "echo sleeps; exec sleep 1000"\n' '^sleeps' "a program waits"
	# shellcheck disable=SC2016
	answers '\003echo interrupted $?\n' '^interrupted 130' "Ctrl-C interrupts it"
	answers 'echo reads; cat\n' '^reads' "a program reads"
	printf 'meow\n' > keys
	check "$guest: what is typed" wait_for 60 seen 2 '^meow'
	answers '\032' 'Stopped' "Ctrl-Z stops it"
	answers 'jobs; fg\n' '^.1.[+] *Stopped' "it is a job"
	printf 'purr\n' > keys
	check "$guest: and goes on in the foreground" wait_for 60 seen 2 '^purr'
	# shellcheck disable=SC2016
	answers '\004echo done $?\n' '^done 0' "Ctrl-D ends its input"
	# shellcheck disable=SC2016
	answers 'reset; echo reset $?\n' 'reset 0' "the terminal can be reset"
	# shellcheck disable=SC2016
	printf 'kill -9 $PPID\n' > keys
	check "$guest: a shell that was killed is followed by another" \
		wait_for 60 seen 2 '^BusyBox'
}

typed_ends() {
	answers 'reboot\n' '^reboot: Restarting system' "reboot is obeyed"
	check "$guest: there is a shell again" wait_for 100 seen 3 '^BusyBox'
	answers 'halt\n' '^reboot: System halted' "halt is obeyed"
	ends
	start_shell
	answers 'sleep 1000 & poweroff\n' '^reboot: Power down' "poweroff is obeyed"
	ends
}

command_line() {
	byte=0 all=
	while byte=$((byte + 1)) && [ $byte -lt 256 ]; do
		[ $byte = 39 ] || all="$all\\0$((byte >> 6))$((byte >> 3 & 7))$((byte & 7))"
	done
	all=$(printf %b "$all")
	run_linux "printf %s '$all' \"'\" | md5sum"
	says "^$(printf %s "$all'" | md5sum | cut -d ' ' -f 1)" "a command has any bytes"
	boot 200 "$guest" 'run=echo+1%2B1;tty'
	says '^1[+]1$' "also as one word"
	says '^/dev/hvc0$' "and is on a terminal"
}

# with what the host's DHCP says
names() {
	tunctl -t tap9 > /dev/null
	ip addr add $ADDRESS/24 dev tap9
	ip link set tap9 up
	cat > udhcpd.conf << END
interface tap9
start $GUEST_ADDRESS
end $GUEST_ADDRESS
lease_file /tmp/leases
option subnet 255.255.255.0
option dns $NAME_SERVER
option domain example
END
	: > leases
	udhcpd -f udhcpd.conf > /dev/null 2>&1 &
	server=$!
	run_linux 'cat /etc/resolv.conf; hostname' --net tap=tap9 --params ip=dhcp
	kill $server
	ip link del tap9
	says "^nameserver $NAME_SERVER$" "it asks the name server that DHCP has named"
	says '^lguest$' "its name is not its address"
}

# more than there is lowmem for, and less than the launcher gives
sizes() {
	for size in '--mem 900M' '--mem 96M --params mem=64M'; do
		# shellcheck disable=SC2086 # several words
		run_linux 'md5sum /dev/vda' --disk random,ro $size
		show_on_failure is "$STATUS" 0 "$guest: $size: powers off"
		says "^$(md5sum < random | cut -d ' ' -f 1)" "$size: has its devices"
	done
}

# off COMMAND NAME WORD
off() {
	run_linux "$1; sleep 100" --verbose
	show_on_failure is "$STATUS" 0 "$guest: $2 ends it"
	like "$(cat err)" "^lguest: the guest $3$" "$guest: and is called what it is"
}

# again COMMAND NAME [OPTION...]: it restarts, once: the disk tells
again() {
	dd if=/dev/zero of=disk bs=4k count=1 2> /dev/null
	command="if grep -q again /dev/vda; then echo restarted; else
echo again > /dev/vda; sync; $1; sleep 100; fi"
	name=$2
	shift 2
	run_linux "$command" --disk disk "$@"
	show_on_failure is "$STATUS" 0 "$guest: $name restarts it"
	says '^restarted' "and then it powers off"
}

ways_to_end() {
	off 'halt -f' "halting" halted
	off 'poweroff -f' "powering off" 'powered off'
	off 'echo o > /proc/sysrq-trigger' "SysRq o" 'powered off'
	again 'reboot -f' "rebooting"
	unlike "$(cat err)" 'the guest' "$guest: that is usual"
	again 'echo b > /proc/sysrq-trigger' "SysRq b"
	like "$(cat err)" 'the guest was reset$' "$guest: that is told"
	again 'echo c > /proc/sysrq-trigger' "a panic, if it is asked to" --params panic=-1
	like "$(cat err)" 'the guest restarts after a panic: .*sysrq triggered crash' \
		"$guest: why is told"

	run_linux 'echo c > /proc/sysrq-trigger'
	is "$STATUS" 1 "$guest: a panic ends it"
	like "$(cat err)" 'the guest panicked: .*sysrq triggered crash' "$guest: and is told to the user"
}

cd /tmp || exit
check "the module loads" load_module lguest
check "the machine has a tap" load_module tun
cp /guests/linux.initrd initrd
mkfifo keys
sleep 10000 > keys &
dd if=/dev/urandom of=random bs=1M count=4 2> /dev/null

for guest in $GUESTS; do
	terminal
	typed_ends
	command_line
	names
	sizes
	ways_to_end
done

check "the module unloads" unload_module lguest
done_testing
