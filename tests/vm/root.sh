# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Files of the host's for Linux as a guest: what it can do with them, by each server
# that there is.

. /vm/linux-lib.sh

refused() {
	name=$1 why=$2
	shift 2
	timeout 60 lguest run -m 32M "$@" 2> err > out
	is $? 2 "$name is refused"
	like "$(cat err)" "$why" "and told why"
}

# fill DIRECTORY OWNER
fill() {
	mkdir "$1"
	echo given > "$1/given"
	ln -s /etc/passwd "$1/link"
	chown -R "$2" "$1"
}

# can NAME...: what the guest's program could do, and what not
can() {
	sed -n 's/^\([a-z-]* \(yes\|no\)\)$/\1/p' out.lines > found
	show_on_failure is "$(xargs < found)" "$*" "$guest: what can be done by $server"
}

check "the module loads" load_module lguest
chmod 1777 /tmp
mkdir -p /etc
echo 'host:x:1:1::/:' > /etc/passwd
echo 'nobody:x:65534:65534::/:' >> /etc/passwd
chmod 666 /dev/lguest
guest=linux
initrd_with /tests/shared_files
fill both 0
fill user 65534
# (some hosts' file systems have none)
mkdir here
attributes=$(cd here && shared_files 1 | sed -n 's/^attributes //p')
rm -r here
fill only 0
mkdir empty

by_virtiofsd() {
	server=virtiofsd
	run_linux "grep -c virtiofs /proc/mounts; cat /mnt/host/given; cd /mnt/host && shared_files 1500; cat /mnt/host/link" \
		--share both
	show_on_failure is "$STATUS" 0 "$guest: shares a directory by virtiofsd"
	says '^1$' "it is the first choice"
	says '^given$' "it reads what is there"
	unlike "$(cat out.lines)" '^host:' "no link leads out of it"
	can mapped yes deleted yes deleted-stat yes locks yes times yes fallocate yes tmpfile no \
		attributes "$attributes" many yes
	is "$(tr -d '\000' < both/mapped)" "as it was" "the host has what was written through a mapping"
	is "$(find both/many -type f | wc -l)" 1500 "and the files"
	check "no server is left" wait_for 60 sh -c '! pidof virtiofsd'
	rm -r both/*

	empty out err
	lguest run --mem 96M --kernel /guests/linux --initrd initrd --share only \
		--params "quiet $(run_parameter 'cat /mnt/host/given; sleep 1000')" \
		< /dev/null > out 2> err &
	launcher=$!
	check "a guest uses its directory" wait_for_line 100 out ^given
	kill -9 "$(pidof virtiofsd)"
	check "if the server is killed the user is told" wait_for_line 60 err \
		"lguest: virtiofsd was ended by signal 9: the share 'host' is lost for the guest" ||
		diag "$(cat err)"
	kill -9 $launcher
	wait $launcher
}

[ ! -f /bin/virtiofsd ] || by_virtiofsd

server=diod
echo given > both/given
run_linux "cd /mnt/host && shared_files 200" --share both,server=diod
can mapped yes deleted no deleted-stat no locks yes times no fallocate no tmpfile no \
	attributes "$attributes" many yes

run_linux "cd /mnt/host; cat given; : > new; rm given; stat -c 'uid %u' given" \
	--share only,ro --user nobody --chroot empty
says '^given$' "a user's server reads"
is "$(cd only && echo ./*)" "./given ./link" "what is only to be read is as it was"
run_linux "cd /mnt/host; cat given && echo new > new && rm given" \
	--share user --user nobody
is "$(stat -c '%n %u' user/*)" "$(printf 'user/link 65534\nuser/new 65534')" "and its own here"

# Somebody who is not root, which takes a namespace.
nobody lguest run --mem 96M --kernel /guests/linux --initrd initrd \
	--params "quiet $(run_parameter 'cat /mnt/host/new; rm /mnt/host/new')" --share user \
	> out 2> err < /dev/null
STATUS=$?
tr -d '\r' < out > out.lines
show_on_failure is "$STATUS" 0 "a user shares a directory"
check_fails "to which the guest can write" test -e user/new

# in_root NAME DIRECTORY OPTION... -- COMMAND...: from that directory
in_root() {
	name=$1 from=$2
	shift 2
	(cd "$from" && timeout 200 lguest run -m 96M -k /guests/linux -p quiet "$@") \
		> out 2> err < /dev/null
	STATUS=$?
	tr -d '\r' < out > out.lines
}

# with the ramdisk's own programs, which are for the guest
by_root() {
	server=$1
	in_root "$server" tree/root --root "../../tree,server=$server" -- \
		/bin/busybox sh -c 'pwd; echo new > file; /bin/busybox cat file /proc/mounts; exit 7'
	show_on_failure is "$STATUS" 7 "$server: a command's status, with a directory as the root"
	says '^/root$' "it is where its launcher is"
	says '^new$' "it can write"
	check_fails "but the directory is as it was" test -e tree/root/file
	for own in devtmpfs:/dev proc:/proc sysfs:/sys tmpfs:/run tmpfs:/tmp overlay:/; do
		says " ${own#*:} ${own%:*} " "${own#*:} is the guest's own"
	done
	in_root "$server" tree/tmp/here --root "../../../tree,rw,server=$server" -- \
		/bin/busybox sh -c 'pwd; echo new > file; echo lost > ../file'
	show_on_failure is "$STATUS" 0 "$server: and with one that can be written to"
	says '^/tmp/here$' "it is there in /tmp, too"
	is "$(cat tree/tmp/here/file)" new "what it writes is there"
	check_fails "but for what it writes to the guest's own /tmp" test -e tree/tmp/file
	rm -f tree/tmp/here/file
	in_root "$server" / --root "$PWD/tree,ro,server=$server" -- \
		/bin/busybox sh -c 'pwd; /bin/busybox touch /root/file'
	show_on_failure is "$STATUS" 1 "$server: and with one that can only be read"
	says '^/$' "it is in its root if its launcher is elsewhere"
}

mkdir tree
(cd tree && gzip -dc /guests/linux.initrd | cpio -i 2> /dev/null)
mkdir -p tree/tmp/here
by_root diod
[ ! -f /bin/virtiofsd ] || by_root virtiofsd

# the host's own files, if its programs are for the guest
if [ "$(uname -m)" != x86_64 ]; then
	mkdir work /work
	in_root here work -- true
	is "$STATUS" 125 "diod has no file of another file system"
	like "$(cat err)" "--root /: $PWD/work is another file system, whose files diod cannot" \
		"which is said"
	in_root here /work -- sh -c 'pwd; ls /guests; echo new > /tmp/x; echo new > ../made; exit 7'
	show_on_failure is "$STATUS" 7 "a command on the host's own files"
	says "^/work\$" "it is where its launcher is"
	says '^linux.initrd$' "it sees them"
	check_fails "and leaves them as they are" test -e /made
fi

refused "a server that there is not" "no server 'x' .virtiofsd or diod" -k /guests/linux \
	--share both,server=x
refused "one that a guest cannot use" 'too old for virtiofsd: it has no virtiofs' \
	-k /guests/hello-3.11 --share both,server=virtiofsd
rm -f /bin/virtiofsd /bin/diod
refused "a share without any" "'virtiofsd' or 'diod' .apt install virtiofsd, or diod" \
	-k /guests/linux --share both
check "the module unloads" unload_module lguest
done_testing
