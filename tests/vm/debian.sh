# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Debian as a guest: its console asks for a login, and each of the parts below is a
# script that a guest finds in the directory that the host shares, and runs.

. /vm/lib.sh

ADDRESS=192.168.19.1 GUEST_ADDRESS=192.168.19.2 PORT=7
COMPLAINTS='WARNING:|BUG:|Oops|Call Trace|Kernel panic|lockup|rcu.*stall'

# debian NAME SECONDS: boots it to run the script /share/NAME
debian() {
	part=$1
	timeout "$2" lguest run --mem 384M --kernel /guests/linux --disk /dev/vda --rng \
		--params "root=/dev/vda rw quiet ip=$GUEST_ADDRESS::$ADDRESS:255.255.255.0::eth0:off" \
		--params "run=sh+/mnt/host/$part" --net tap=$ADDRESS --share /share \
		> out 2> err < /dev/null
	status=$?
	tr -d '\r' < out > "$part.lines"
	is $status 0 "$part: it powers off" || diag "$(tail -n 30 "$part.lines" err)"
	unlike "$(cat "$part.lines")" "$COMPLAINTS" "$part: the kernel does not complain"
}

# says NAME REGEX WHAT
says() {
	like "$(cat "$1.lines")" "$2" "$1: $3" || diag "$(tail -n 30 "$1.lines")"
}

check "the module loads" load_module lguest
check "the machine has a tap" load_module tun
check "there is a disk" start_disk
check "there is a directory" start_share

# A person logs in.
mkfifo keys
sleep 10000 > keys &
timeout 300 lguest run --mem 384M --kernel /guests/linux --disk /dev/vda --rng \
	--params 'root=/dev/vda rw quiet' < keys > out 2> err &
launcher=$!
check "a login is asked for" wait_for_line 200 out 'login: *$' || diag "$(tail -n 30 out err)"
echo root > keys
check "root has a shell" wait_for_line 60 out 'root@lguest.*#'
# shellcheck disable=SC2016 # that shell's own
echo 'echo $((6 * 7)) processes: $(ps ax | wc -l); poweroff' > keys
check "which does what it is told" wait_for_line 60 out '42 processes: '
wait $launcher
is $? 0 "and can end the guest" || diag "$(tail -n 30 out err)"

cat > /share/compile << 'END'
cd /root && rm -rf work && mkdir work && cd work && cp -r /mnt/host/launcher . && cd launcher
start=$(date +%s)
gcc -O0 -D_GNU_SOURCE -Iinclude/uapi -o /root/lguest *.c -pthread && echo compiled
echo "took $(($(date +%s) - start)) s"
/root/lguest help | grep 'usage' && echo it runs
cat > /root/debugged.c << 'C'
#include <stdio.h>
static int twice(int n) { return 2 * n; }
int main(void) { int n = 21; n = twice(n); printf("n is %d\n", n); return 0; }
C
gcc -g -O0 -o /root/debugged /root/debugged.c
gdb -q -batch -ex 'break twice' -ex run -ex bt -ex 'print n' -ex stepi -ex stepi -ex finish \
	-ex 'set var n = 20' -ex 'watch -l n' -ex continue -ex kill /root/debugged 2>&1
echo end of gdb
END
debian compile 600
says compile '^compiled' "gcc compiles the launcher"
says compile '^it runs' "which runs"
diag "$(grep '^took' compile.lines)"
says compile '#1 .*main' "gdb shows a stack"
says compile '^[$]1 = 21' "and a variable"
says compile 'Value returned is .* 42' "and finishes a function"

cat > /share/git << 'END'
git config --global user.name guest; git config --global user.email guest@localhost
git config --global --add safe.directory '*'
cd /root && rm -rf repo clone
git clone -q /mnt/host/repo repo && cd repo && cp -r ../work/launcher . && git add . &&
	git commit -q -m first && git push -q origin HEAD && echo pushed
git clone -q /mnt/host/repo /root/clone && cd /root/clone && git fsck --full &&
	diff -r launcher ../repo/launcher && echo cloned
END
debian git 600
says git '^pushed' "pushes to a repository that is shared"
says git '^cloned' "and clones it"

echod $PORT &
cat > /share/net << END
ping -c 3 -i 0.3 $ADDRESS
nc -l 5555 < /etc/passwd > /root/received &
head -c 3000000 /dev/urandom > /root/sent
nc -N $ADDRESS $PORT < /root/sent | cmp - /root/sent && echo echoed
echo listening > /mnt/host/listening
wait
cmp /root/received /mnt/host/to-guest && echo received
END
rm -f /share/listening
head -c 300000 /dev/urandom > /share/to-guest
(wait_for 300 test -e /share/listening && nc $GUEST_ADDRESS 5555 < /share/to-guest > /tmp/from-guest) &
debian net 300
says net '3 received' "ping"
says net '^echoed' "TCP to the host"
says net '^received' "TCP from the host"
like "$(cat from-guest)" '^root:' "net: and back"

cat > /share/files << 'END'
cd /root && rm -rf copy
(cd /usr && find bin lib/gcc lib/git-core -type f | sort | xargs md5sum) > sums
mkdir copy && cp -a /usr/bin /root/copy/ && mkdir copy/lib && cp -a /usr/lib/gcc /usr/lib/git-core copy/lib/
sync; echo 3 > /proc/sys/vm/drop_caches
(cd copy && md5sum --quiet -c ../sums) && echo "all $(wc -l < sums) are as they were"
rm -r copy; sync
END
debian files 600
says files '^all [0-9]* are as' "copies of all files are right"

cat > /share/stress << END
cd /tmp
for class in cpu cpu-cache memory vm os pipe scheduler signal interrupt filesystem io; do
	stress-ng --class \$class --sequential 1 --timeout ${STRESS_SECONDS:-1} --oomable \
		--exclude apparmor,bad-ioctl,binderfs,cpu-online,hotplug,module,oom-pipe,watchdog,sysfs,rdrand,tsc,vm86 \
		--no-rand-seed --metrics-brief --log-file /mnt/host/log.\$class > /dev/null 2>&1
	echo "class \$class: \$?"
done
dmesg | tail -n 5
END
debian stress 1000
says stress '^class io: 0' "comes to the end"
diag "$(grep '^class' stress.lines | xargs)"
is "$(grep -h 'fail:' /share/log.* | head -n 20)" '' "stress: nothing fails"

check "the module unloads" unload_module lguest
done_testing
