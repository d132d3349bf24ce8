# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Debian as a guest, one PART of what it does: its console asks for a login; or it runs
# a script that it finds in the directory that the host shares.  KERNEL is its kernel.

. /vm/lib.sh

PART=${PART:?is what to do: login, compile, git, net, files, stress or ends}
ADDRESS=192.168.19.1 GUEST_ADDRESS=192.168.19.2 PORT=7

# debian SECONDS: boots it to run the script /share/$PART
debian() {
	timeout "$1" lguest run --mem 384M --kernel "/guests/$KERNEL" --disk /dev/vda --rng \
		--params "root=/dev/vda rw quiet ip=$GUEST_ADDRESS::$ADDRESS:255.255.255.0::eth0:off" \
		--params "$(run_parameter "sh /mnt/host/$PART")" --net tap=$ADDRESS --share /share \
		> out 2> err < /dev/null
	status=$?
	tr -d '\r' < out > "$PART.lines"
	is $status 0 "$PART: it powers off" || diag "$(tail -n 30 "$PART.lines" err)"
	unlike "$(cat "$PART.lines")" "$COMPLAINTS" "$PART: the kernel does not complain"
}

# says REGEX WHAT
says() {
	like "$(cat "$PART.lines")" "$1" "$PART: $2" || diag "$(tail -n 30 "$PART.lines")"
}

# a person logs in
part_login() {
	mkfifo keys
	sleep 10000 > keys &
	timeout 300 lguest run --mem 384M --kernel "/guests/$KERNEL" --disk /dev/vda --rng \
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
}

part_compile() {
	cat > /share/compile << 'END'
cd /root && rm -rf work && mkdir work && cd work && cp -r /mnt/host/launcher . &&
	cd launcher/launcher
start=$(date +%s)
gcc -O0 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I../include/uapi -I../agent -I. \
	$(printf -- '-I%s ' */) -o /root/lguest */*.c -pthread && echo compiled
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
	debian 600
	says '^compiled' "gcc compiles the launcher"
	says '^it runs' "which runs"
	diag "$(grep '^took' compile.lines)"
	says '#1 .*main' "gdb shows a stack"
	says '^[$]1 = 21' "and a variable"
	says 'Value returned is .* 42' "and finishes a function"
}

part_git() {
	cat > /share/git << 'END'
git config --global user.name guest; git config --global user.email guest@localhost
git config --global --add safe.directory '*'
cd /root && rm -rf repo clone
git clone -q /mnt/host/repo repo && cd repo && cp -r /mnt/host/launcher . && git add . &&
	git commit -q -m first && git push -q origin HEAD && echo pushed
git clone -q /mnt/host/repo /root/clone && cd /root/clone && git fsck --full &&
	diff -r launcher ../repo/launcher && echo cloned
END
	debian 600
	says '^pushed' "pushes to a repository that is shared"
	says '^cloned' "and clones it"
}

part_net() {
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
	debian 300
	says '3 received' "ping"
	says '^echoed' "TCP to the host"
	says '^received' "TCP from the host"
	like "$(cat from-guest)" '^root:' "net: and back"
}

part_files() {
	cat > /share/files << 'END'
cd /root && rm -rf copy
(cd /usr && find bin lib/gcc lib/git-core -type f | sort | xargs md5sum) > sums
mkdir copy && cp -a /usr/bin /root/copy/ && mkdir copy/lib && cp -a /usr/lib/gcc /usr/lib/git-core copy/lib/
sync; echo 3 > /proc/sys/vm/drop_caches
(cd copy && md5sum --quiet -c ../sums) && echo "all $(wc -l < sums) are as they were"
rm -r copy; sync
END
	debian 600
	says '^all [0-9]* are as' "copies of all files are right"
}

# Restarts, twice, and halts.  (The memory of each is cleared for the next, which takes
# QEMU minutes where it has translated code of it: the host's watchdogs are told so.)
part_ends() {
	echo 0 > /proc/sys/kernel/watchdog
	echo 0 > /proc/sys/kernel/hung_task_timeout_secs
	echo 1 > /sys/module/rcupdate/parameters/rcu_cpu_stall_suppress
	cat > /share/ends << 'END'
stage() { [ ! -e "/mnt/host/$1" ] && : > "/mnt/host/$1"; }
if stage restarts; then
	tty; ping -c 1 localhost
	reboot
elif stage resets; then
	sync; echo b > /proc/sysrq-trigger
else
	echo last; halt
fi
sleep 1000
END
	rm -f /share/restarts /share/resets
	debian 600
	says '^/dev/hvc0$' "a command is on a terminal"
	says ' 0% packet loss' "and knows localhost"
	says '^reboot: Restarting system$' "reboot restarts it"
	says '^sysrq: Resetting$' "so does SysRq b"
	says '^last$' "so that it came to this"
	says '^reboot: (System halted|Power down)$' "halt ends it"
	unlike "$(cat err)" 'died' "ends: and is no crash"
}

part_stress() {
	STRESSORS='cpu fork exec pipe mmap mremap vm fault sigsegv sigfd timer switch futex sem pthread hdd dentry sync-file'
	cat > /share/stress << END
cd /tmp
for stressor in $STRESSORS; do
	stress-ng --\$stressor 2 --vm-bytes 32M --mmap-bytes 16M --hdd-bytes 16M --temp-path /root \\
		--oomable --verify --timeout ${STRESS_SECONDS:-1} > /tmp/log 2>&1
	echo "stress \$stressor \$?"
	grep 'fail:' /tmp/log
done
END
	debian $((300 + ${STRESS_SECONDS:-1} * 25))
	for stressor in $STRESSORS; do
		says "^stress $stressor 0" "$stressor"
	done
}

check "the module loads" load_module lguest
check "the machine has a tap" load_module tun
check "there is a disk" start_disk
check "there is a directory" start_share

"part_$PART"
check "the module unloads" unload_module lguest
done_testing
