#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian as a guest, where "make debian-root linux-guest" has made it: a login, a
# compiler, a debugger, git, networks, a file system, stress-ng.
. "$(dirname "$0")/lib/vm.sh"

# GUEST=debian-pae has the kernel with PAE's page tables, and so on.  STRESS_SECONDS is how long
# each stressor is to run: 200 is an hour of it.
IMAGE=$CACHE/debian-root/image
case " ${T:-} " in
*" debian "*)
	;;
*)
	skip_all "takes some ten minutes, so it is for those who ask: make check T=debian"
	;;
esac
[ -f "$IMAGE" ] || skip_all "there is no Debian root: make debian-root"
GUEST=${GUEST:-debian}
export LINUX=${GUEST/#debian/linux}
[ -f "$TOP/build/linux/$LINUX" ] || skip_all "there is no guest '$LINUX': make linux-guest GUEST=$LINUX"

# what it is to compile: the launcher
export SHARE DISK
SHARE=$(mktemp -d "${TMPDIR:-/tmp}/lguest-share.XXXXXX")
DISK=$(mktemp "${TMPDIR:-/tmp}/lguest-disk.XXXXXX")
trap 'rm -rf "$SHARE" "$DISK"' EXIT
trap 'exit 130' INT TERM
mkdir "$SHARE/launcher"
cp -r "$TOP/launcher" "$TOP/include" "$TOP/agent" "$SHARE/launcher/"
mkdir -p "$SHARE/launcher/build/agent"		# it has the agent's program in it
cp "$TOP/build/agent/lguest-agent" "$SHARE/launcher/build/agent/"
rm -r "$SHARE"/launcher/launcher/{unit,fuzz}
rm "$SHARE"/launcher/launcher/*/*_64.c		# the guest is of 32 bits
git init -q --bare "$SHARE/repo"
cp --sparse=always --reflink=auto "$IMAGE" "$DISK"
export SERVERS=diod MEM=${MEM:-1G}
# (Each in a new QEMU: writing to pages that it has translated code of takes it so long
# that the next guest's memory would not be cleared for minutes.)
for part in login compile git net files stress ends; do
	vm_group debian $((900 + ${STRESS_SECONDS:-1} * 25)) PART=$part KERNEL="$LINUX" \
		STRESS_SECONDS="${STRESS_SECONDS:-1}"
done
PATH=$PATH:/sbin e2fsck -fn "$DISK" > "$LOGS/debian-e2fsck.log" 2>&1
is $? 0 "the file system is whole in the end" || diag "$(cat "$LOGS/debian-e2fsck.log")"
done_testing
