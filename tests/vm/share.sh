# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Directories of the host that guests share by 9P, which diod serves: what the
# guest sees there and makes there, who it is, and that diod ends with the launcher.

. /vm/guest-tap.sh

export GUEST_DIR=/guests

refused() {
	name=$1 why=$2
	shift 2
	timeout 60 lguest run -k /guests/hello-3.11 "$@" 2> err > out
	is $? 2 "$name is refused"
	like "$(cat err)" "$why" "and told why"
}

# fill DIRECTORY OWNER
fill() {
	mkdir "$1"
	echo "what the host says" > "$1/given"
	ln -s /tmp "$1/link"
	chown "$2" "$1"
}

# shares NAME DIRECTORY[,OPTION] ARGUMENT...: a guest does all that it can
shares() {
	sh_name=$1 sh_dir=${2%%,*} sh_spec=$2
	shift 2
	guest_tests "$sh_name" --share "$sh_spec" --params silent "$@"
	like "$(cat "$sh_name.tap")" '^# given: what the host says' "$sh_name: it reads what is there"
	is "$(sed -n 's/^# entry \(.*\)\.\r*$/\1/p' "$sh_name.tap" | sort | xargs)" \
		"$(cd "$sh_dir" && echo . .. * | tr ' ' '\n' | sort | xargs)" \
		"$sh_name: it lists what is there"
	check "$sh_name: no server is left" wait_for 60 sh -c '! pidof diod'
}

# made DIRECTORY OWNER: what the guest has made
made() {
	awk 'BEGIN { for (i = 0; i < 5000; i++) printf "%c", 97 + i % 26 }' > expected
	check "the file is what the guest wrote" cmp "$1/made" expected
	is "$(stat -c %u "$1/made")" "$2" "and its owner's"
}

# A guest that uses its directory until the server has ended.
using() {
	empty out err
	lguest run -m 32M -k /guests/virtio-3.11 -p 'lost silent' --share root "$@" \
		< /dev/null > out 2> err &
	launcher=$!
	check "a guest uses its directory" wait_for_line 60 out 'waiting for the end'
}

check "the module loads" load_module lguest
chmod 755 /tmp
mkdir -p /etc
echo 'nobody:x:65534:65534::/:' > /etc/passwd
echo hidden > outside
mkdir empty
fill root 0
fill user 65534
fill other 65534
fill only 0

# (in turn by the main loop, and by a thread)
shares virtio-2.6.30 root
made root 0
rm root/made
shares virtio-3.11-pae root,tag=files
like "$(cat virtio-3.11-pae.tap)" '^# share: files' "it has the name that was given"
made root 0
shares virtio-3.11 user --user nobody --chroot empty
made user 65534
shares virtio-2.6.34 only,ro --params unwritable
is "$(cd only && echo ./*)" "./given ./link" "what is only to be read is as it was"

# Somebody who is not root, which takes a namespace.
chmod 666 /dev/lguest
nobody lguest run -m 32M -k /guests/virtio-3.11 -p silent --share other > out 2> err < /dev/null
is $? 0 "a user shares a directory" || diag "$(cat err)"
unlike "$(cat out)" '^not ok' "to which the guest can do all"
made other 65534

using
server=$(pidof diod)
for kind in mnt pid ipc net; do
	unlike "$(readlink "/proc/$server/ns/$kind")" "^$(readlink "/proc/self/ns/$kind")\$" \
		"its server has a namespace of its own ($kind)"
done
is "$(awk '/^Max open files/ { print $4 }' "/proc/$server/limits")" \
	"$(awk '/^Max open files/ { print $5 }' /proc/self/limits)" \
	"and may open as many files as the host lets it"
kill -9 "$server"
wait "$launcher"
is $? 0 "a guest whose server is killed goes on" || diag "$(cat err)"
like "$(cat out)" '^ok .* the server ends' "and gets errors"
like "$(cat err)" "diod was ended by signal 9: the share 'host' is lost" "its user is told"
using --user nobody
kill -9 $launcher
check "a server ends with a launcher that is killed" wait_for 60 sh -c '! pidof diod'
using --no-seccomp
kill $launcher
wait $launcher
is $? 143 "a launcher with a server is told to end"
check "so does the server" wait_for 60 sh -c '! pidof diod'

refused "a directory that is missing" 'no-such: No such file' --share no-such
refused "a file" 'outside: is not a directory' --share outside
refused "a name twice" "a share 'host' already" --share root --share user
refused "a name that is too long" 'a tag has 1 to 32' \
	--share root,tag=012345678901234567890123456789012
check_fails "no server has died of a fault of its own" sh -c 'dmesg | grep "diod.*segfault"'
mv /bin/diod /bin/not-diod
refused "a share without diod" 'apt install diod' --share root
cp /bin/busybox /bin/diod
refused "a diod that does not work" 'diod said: diod: applet not found' --share root
like "$(cat err)" 'diod has ended with status 127: it cannot be used' "and told how it ended"
check "the module unloads" unload_module lguest
done_testing
