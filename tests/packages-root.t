#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The packages of "make deb" in a Debian root, of the release of HOST's kernel: installed
# by dpkg, the module built by DKMS for that kernel, purged (tests/packages/in-root); and
# in a host VM, where a user who is not root has a guest (tests/vm/packages-root.sh).
. "$(dirname "$0")/lib/vm.sh"
. "$TOP/scripts/apt.sh"

case " ${T:-} " in
*" packages-root "*)
	;;
*)
	skip_all "takes some minutes, so it is for those who ask: make check T=packages-root HOST=amd64"
	;;
esac
read -r _ SUITE PACKAGE _ <<< "$(grep "^${HOST}[[:space:]]" "$TOP/scripts/hosts")"
[ "${PACKAGE#linux-image-}" != "$PACKAGE" ] || skip_all "the kernel of HOST=$HOST is no package of Debian's"
read -r RELEASE _ < "$CACHE/host-$HOST/version"
PERSONALITY=()
case $HOST in
*amd64)
	ARCH=amd64
	;;
*)
	# what "uname -m" says is what DKMS goes by
	PERSONALITY=(setarch i686)
	;;
esac

WORK=$(mktemp -d "${TMPDIR:-/tmp}/lguest-packages.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
trap 'exit 143' TERM INT HUP
LOG=$LOGS/packages-root-$HOST-mmdebstrap.log
PACKAGES=(dkms kmod linux-headers-"$RELEASE" openssl systemd udev)

# with room to work in
grow() {
	truncate -s 2G "$DISK"
	{
		e2fsck -fy "$DISK" || [ $? -le 2 ]
		resize2fs "$DISK"
	} >> "$LOG" 2>&1
}

# make_root all|release: from these sources
make_root() {
	sources "$1" "$SUITE" | sed "s/arch=[^ ]*/arch=$ARCH/" > "$WORK/sources.list"
	rm -f "$DISK"
	# (it ends all of its process group when it fails)
	# shellcheck disable=SC2016 # $1 is the hook's: the new root
	setsid -w "${PERSONALITY[@]}" mmdebstrap --architectures="$ARCH" --variant=minbase \
		--format=ext2 --include="${PACKAGES[*]}" --aptopt='Acquire::Retries "3"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--customize-hook="copy-in $WORK/packages /" \
		--customize-hook="chroot \"\$1\" sh /packages/in-root $RELEASE > $WORK/tap" \
		--customize-hook='chroot "$1" useradd -G lguest member' \
		--customize-hook='chroot "$1" useradd other' \
		"$SUITE" "$DISK" "$WORK/sources.list" > "$LOG" 2>&1
}

"$TOP/scripts/deps" root || skip_all "mmdebstrap is not to be had"
check "make deb" "$TOP/scripts/deb" || exit
mkdir "$WORK/packages"
cp "$BUILD"/deb/*_all.deb "$BUILD"/deb/*_"$ARCH".deb "$TOP/tests/packages/in-root" \
	"$TOP/tests/vm/tap.sh" "$WORK/packages/"
export DISK=$WORK/image
PATH=$PATH:/sbin
check "a Debian root is made" eval "make_root all || make_root release" || diag "$(tail -n 20 "$LOG")"
tap_of "$LOGS/packages-root-$HOST-in-root.out" cat "$WORK/tap"
complete "$LOGS/packages-root-$HOST-in-root.out" "the packages in it: came to its end" || {
	done_testing
	exit
}
check "and a disk with it" grow
MODULES='fs/ext4/ext4.ko crypto/crc32c_generic.ko' vm_group packages-root 600
done_testing
