# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Networks of guests: much is sent to the host, which sends it back, and is compared;
# by a tap, with what may be left to it and without; by a bridge; and by passt.

# passt leaves the root file system, which cannot be left if it is the initramfs
# itself: so let it be a mount of that.
if [ -z "$MOVED" ]; then
	mkdir /moved
	mount --rbind / /moved
	cd /moved || exit
	mount --move . /
	MOVED=1 exec chroot . sh /script
fi
cd /tmp || exit
. /vm/guest-tap.sh

export GUEST_DIR=/guests GUEST_SECONDS=120
HOST_IP=10.77.0.1
PORT=7

refused() {
	name=$1 why=$2
	shift 2
	timeout 60 "$@" 2> err > out
	is $? 2 "$name is refused"
	like "$(cat err)" "$why" "and told why"
}

# A guest that waits for a line, which does not come.
waiting() {
	empty out err
	lguest run -m 32M -k /guests/virtio-3.11 -p echo "$@" < keys > out 2> err &
	launcher=$!
	check "a guest starts" wait_for_line 60 out 'burst 149'
}

nobody_in() {
	[ -z "$(ls "/sys/class/net/$1/brif")" ]
}

# by LABEL ERA WORDS ARGUMENT...: all comes back
by() {
	label=$1 era=$2 words=$3
	shift 3
	diag "$label, $era, $words"
	guest_tests "virtio-$era" --params "silent tcp=$PORT $words" --stats "$@"
	diag "$(grep -E '^(exits|notifies|halt_exits)' "virtio-$era.err" | tr '\n' ' ')"
}

check "the module loads" load_module lguest
start_modules tun bridge dummy
mkdir -p /etc
echo 'nobody:x:65534:65534::/:' > /etc/passwd
chmod 666 /dev/lguest /dev/net/tun
chmod 755 /tmp
mkdir empty
mkfifo keys
sleep 10000 > keys &
echod $PORT &

refused "a bridge that is not there" 'no such bridge' \
	lguest run -k /guests/hello-3.11 --net bridge=br0
refused "what is no bridge" 'is no bridge' lguest run -k /guests/hello-3.11 --net bridge=lo
ip link add br0 type bridge
ip addr add $HOST_IP/24 dev br0
ip link set br0 up
refused "who may not make interfaces" 'net user needs no right' \
	nobody lguest run -k /guests/hello-3.11 --net bridge=br0
by bridge 3.11 'net=20' --net bridge=br0,mac=02:00:00:00:00:77
check "nobody is in the bridge then" nobody_in br0
if waiting --net bridge=br0; then
	check_fails "a guest is" nobody_in br0
	kill -9 $launcher
	check "nobody is after a launcher was killed" wait_for 60 nobody_in br0
fi
ip link del br0

refused "who may not make a tap" 'ip tuntap add tap0 mode tap user 65534' \
	nobody lguest run -k /guests/hello-3.11 --net tap
like "$(cat err)" '^lguest: --net tap: cannot make an interface: Operation not permitted' \
	"and what is missing"
for era in 2.6.25 2.6.30 3.11; do
	by tap $era '' --net tap=$HOST_IP/24
done
for era in 2.6.30 3.11; do
	by tap $era offloaded --net tap=$HOST_IP/24
done
by tap 3.11 'offloaded unmerged' --net tap=$HOST_IP/24

refused "a machine without networks" 'default route' \
	lguest run -k /guests/hello-3.11 --net user
ip addr add 10.77.0.2/24 dev dummy0
ip link set dummy0 up
ip route add default via $HOST_IP
refused "what has no passt" 'apt install passt' \
	env PATH=/tests /bin/lguest run -k /guests/hello-3.11 --net user
refused "no port" 'ports that are free' lguest run -k /guests/hello-3.11 --net user,tcp=x
for era in 2.6.24 2.6.30; do
	by passt $era '' --net user,host
done
by "passt, in the sandbox" 3.11 offloaded --net user,host --user nobody --chroot empty
check "passt ends with its guest" wait_for 60 sh -c '! pidof passt'
if waiting --net user,tcp=2222:22,udp=53; then
	like "$(netstat -ltn)" ':2222 .*LISTEN' "a port is forwarded"
	kill -9 $launcher
	check "passt ends when its launcher is killed" wait_for 60 sh -c '! pidof passt'
fi
if waiting --net user; then
	kill -9 "$(pidof passt)"
	check "the user hears when passt is killed" wait_for_line 60 err 'network is down'
	kill $launcher
fi
nobody sh -c "exec lguest run -m 32M -k /guests/virtio-3.11 -p tcp=$PORT --net user,host" > out 2> err
is $? 0 "who is not root has such a network" || diag "$(cat out err)"
like "$(cat out)" '^ok .* are what was sent' "and it works"
wait_for 60 sh -c '! pidof passt'
kill %1 %2 2> /dev/null
check "the module unloads" unload_module lguest
done_testing
