# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Somebody who is not root, but in the device's group.

. /vm/prog.sh

GROUP=4711

# as_member COMMAND...: a user of that group with no other right
as_member() {
	nobody -g $GROUP "$@"
}

runs_hello() {
	"$@" lguest run --mem 16M --kernel /guests/hello > out 2> err
	STATUS=$?
}

check "the module loads" load_module lguest
chmod 1777 /tmp
runs_hello as_member
is $STATUS 2 "at first, the device is for root alone"
like "$(cat err)" 'mmap_min_addr|/dev/lguest: Permission denied' "the launcher says so"

# what the udev rule of lguest(4) does
chgrp $GROUP /dev/lguest
chmod 660 /dev/lguest
check "a guest whose memory is not at address 0 needs no other right" \
	as_member sh -c 'ONLY=dontneed memory > user.out && grep "^ok 1" user.out'
check_fails "but nobody else can have one" \
	nobody sh -c 'ONLY=dontneed memory > other.out && grep "^ok 1" other.out'

runs_hello as_member
is $STATUS 2 "a classic guest needs address 0"
like "$(cat err)" 'CAP_SYS_RAWIO.*vm.mmap_min_addr=0' "the launcher names both cures"
sysctl -w vm.mmap_min_addr=0 > /dev/null
runs_hello as_member
is $STATUS 0 "where the host gives it to everybody, a member can run that guest"
like "$(cat out)" '^Hello from a guest' "which says hello"
runs_hello nobody
is $STATUS 2 "and nobody else"
like "$(cat err)" '/dev/lguest: Permission denied.*group' "the launcher tells about the group"
skip "lguest run without address 0" "the classic ABI has no base address for guest memory; that of Linux 2.6.24 has"
check "the module unloads" unload_module lguest
done_testing
