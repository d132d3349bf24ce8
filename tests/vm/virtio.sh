# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The launcher with guests of 2.6.24 to 3.19: which it takes for what, and how they
# end: in 2.6.24 and 2.6.30 it is called out of read() by BREAK, later by a signal.
# Their devices are guest-virtio.sh's.

. /vm/lib.sh

refused() {
	name=$1 why=$2
	shift 2
	lguest run "$@" 2> err > out
	is $? 2 "$name is refused"
	like "$(cat err)" "$why" "and told why"
}

# A guest that has printed much and waits for a line.
waiting() {
	era=$1
	shift
	timeout 60 lguest run -m 32M -k "/guests/virtio-$era" -p echo "$@"
}

check "the module loads" load_module lguest

for era in 2.6.24 2.6.25 2.6.29 2.6.30 2.6.31 2.6.34 3.0 3.11; do
	timeout 60 lguest run -v -m 16M -k /guests/hello-$era > out 2> err
	is $? 0 "a guest of $era powers off"
	like "$(cat out)" '^memory: 1[56] MB' "$era: it has the memory"
	like "$(cat err)" "kernel: Linux $era" "$era: the launcher knows what it is"
done

refused "a guest of 4.1" 'own launcher' -k /guests/hello-4.1
refused "a release before lguest" 'knew no lguest' --release 2.6.22 -k /guests/hello
refused "what is no release" 'no release of Linux' --release new -k /guests/hello
refused "a network between guests, from 2.6.24 on" 'only guests of 2.6.23' \
	-k /guests/hello-3.11 --net share=net
refused "a source of randomness, in 2.6.23" 'guests of 2.6.23 have no such' \
	-k /guests/hello --rng

# Somebody who is not root, and needs no right to address 0.
chmod 755 /tmp
chown 65534 /dev/lguest
nobody lguest run -m 16M -k /guests/hello-3.11 > out 2> err
is $? 0 "who has the device needs no other right" || diag "$(cat err)"
chown 0 /dev/lguest

for era in 2.6.24 2.6.30 2.6.31 3.11; do
	onpty 'burst 149' '^Ax' -- lguest run -m 32M -k /guests/virtio-$era -p echo > out
	is $? 3 "$era: Ctrl-A x ends a guest"
	like "$(cat out)" 'terminal: restored' "$era: and restores the terminal"
	onpty 'burst 149' '!15' -- lguest run -m 32M -k /guests/virtio-$era -p echo > out
	is $? 143 "$era: SIGTERM ends the launcher"
	like "$(cat out)" 'terminal: restored' "$era: and restores the terminal"

	mkfifo keys
	empty out
	waiting $era --name held <> keys > out 2> err &
	if check "$era: a guest starts" wait_for_line 60 out 'burst 149'; then
		check "$era: it can be paused" lguest pause held
		echo held > keys
		usleep 200000
		unlike "$(cat out)" typed "$era: then it gets no key"
		check "$era: it can be resumed" lguest resume held
	fi
	wait $!
	is $? 0 "$era: then it takes the key and ends"
	like "$(cat out)" 'typed: held' "$era: not harmed"
	rm keys

	seq 1 20000 | waiting $era 2> err | head -n 1 > out
	wait_for 60 sh -c '! pidof lguest'
	is $? 0 "$era: a launcher whose output nobody wants ends"

	# (the guest would go on printing for ever)
	dd if=/dev/zero of=disk bs=1M count=4 2> /dev/null
	{
		timeout 60 lguest run -m 32M -k "/guests/virtio-$era" -p 'silent rounds' \
			--disk disk < /dev/null 2> err
		echo $? > status
	} | head -n 1 > out
	is "$(cat status)" 141 "$era: at once, as programs in a pipe do"
done

# Each queue has an interrupt, and there are 31.
start_modules tun
nets=$(printf -- '--net tap%.0s ' 1 2 3 4 5 6 7 8 9 10 11 12 13 14)
# shellcheck disable=SC2086 # words
timeout 60 lguest run -m 16M -k /guests/hello-3.11 $nets > out 2> err
is $? 0 "14 networks and a console have 30 queues" || diag "$(cat err)"
# shellcheck disable=SC2086
refused "one network more" 'too many devices' -k /guests/hello-3.11 --net tap $nets

check "the module unloads" unload_module lguest
done_testing
