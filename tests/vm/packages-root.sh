# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In a Debian root with the packages installed: systemd starts, as it would at boot but in
# namespaces of its own, and loads the module; who is in the group has a guest, and nobody
# else; and it all goes when the packages do.

. /vm/lib.sh

ROOT=/debian
# (by env's path: busybox would take a program's name for its own)
in_debian() {
	PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot $ROOT /usr/bin/env "$@"
}

# as USER COMMAND
as() {
	in_debian su "$1" -s /bin/sh -c "cd /; $2"
}

is_there() {
	grep -q '^lguest ' /proc/modules
}

is_gone() {
	[ ! -e /sys/module/lguest ]
}

device_is() {
	[ "$(in_debian stat -c '%U:%G %a' /dev/lguest)" = "$1" ]
}

mkdir $ROOT
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
mount -t cgroup2 cgroup2 /sys/fs/cgroup
start_disk && start_modules crc32c_generic ext4 && mount -t ext4 /dev/vda $ROOT || exit
for dir in dev sys; do
	mount --rbind /$dir $ROOT/$dir
done
mount -t proc proc $ROOT/proc
mount -t tmpfs run $ROOT/run

# shellcheck disable=SC2016 # that shell's own variables
unshare -p -f -m sh -c '
	mount -t proc proc "$0/proc"
	exec chroot "$0" /usr/bin/env container=test /lib/systemd/systemd \
		--unit=sysinit.target --log-target=null --show-status=0
' $ROOT < /dev/null > systemd.out 2>&1 &
check "the module is loaded at boot" wait_for 120 is_there || diag "$(cat systemd.out)"
like "$(in_debian modinfo -n lguest)" '/updates/dkms/lguest\.ko' "it is DKMS's"
check "its device is the group's" wait_for 60 device_is "root:lguest 660" || diag "$(ls -l /dev/lguest)"

# (of 2.6.23 they are root's alone: lguest(4))
as member 'lguest run /usr/share/lguest/hello-3.11' > out 2> err
is $? 0 "a user in the group has a guest" || diag "$(cat err)"
like "$(cat out)" '^Hello' "which says hello"
as other 'lguest run /usr/share/lguest/hello-3.11' > out 2>&1
is $? 2 "another user has none"
like "$(cat out)" "Permission denied: .*in the device's group" "and is told why"

in_debian dpkg -P lguest lguest-guests lguest-dkms > out 2>&1
is $? 0 "dpkg purges all" || diag "$(cat out)"
check "the module is unloaded" is_gone
check "the device is gone" [ ! -e /dev/lguest ]
check_fails "there is no such module any more" in_debian modprobe lguest
done_testing
