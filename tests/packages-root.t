#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The packages of "make deb" in a Debian root, of the release of HOST's kernel: installed
# by dpkg, the module built by DKMS for that kernel, purged (tests/packages/in-root); and
# in a host VM, where a user who is not root has a guest (tests/vm/packages-root.sh).
. "$(dirname "$0")/lib/vm.sh"
. "$TOP/scripts/apt.sh"
. "$TOP/scripts/debian-image.sh"

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
case $HOST in
*amd64)
	ARCH=amd64
	;;
*)
	# what "uname -m" says is what DKMS goes by
	IN_PERSONALITY=(setarch i686)
	;;
esac

WORK=$(mktemp -d "${TMPDIR:-/tmp}/lguest-packages.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
trap 'exit 143' TERM INT HUP
LOG=$LOGS/packages-root-$HOST-mmdebstrap.log
PACKAGES=(dkms kmod linux-headers-"$RELEASE" openssl systemd udev)

make_root() {
	# shellcheck disable=SC2016 # $1 is the hook's: the new root
	debian_image "$DISK" "$ARCH" "$SUITE" 2G "${PACKAGES[*]}" \
		--customize-hook="copy-in $WORK/packages /" \
		--customize-hook="chroot \"\$1\" sh /packages/in-root $RELEASE > $WORK/tap" \
		--customize-hook='chroot "$1" useradd -G lguest member' \
		--customize-hook='chroot "$1" useradd other' > "$LOG"
}

"$TOP/scripts/deps" root || skip_all "mmdebstrap is not to be had"
why=$(can_run "$ARCH") || skip_all "${why#E: }"
check "make deb" "$TOP/scripts/deb" || {
	done_testing
	exit
}
mkdir "$WORK/packages"
cp "$BUILD"/deb/*_all.deb "$BUILD"/deb/*_"$ARCH".deb "$TOP/tests/packages/in-root" \
	"$TOP/tests/vm/tap.sh" "$WORK/packages/"
export DISK=$WORK/image
check "a disk is made with a Debian root" make_root || diag "$(tail -n 20 "$LOG")"
tap_of "$LOGS/packages-root-$HOST-in-root.out" cat "$WORK/tap"
complete "$LOGS/packages-root-$HOST-in-root.out" "the packages in it: came to its end" || {
	done_testing
	exit
}
MODULES='fs/ext4/ext4.ko crypto/crc32c_generic.ko' vm_group packages-root 600
done_testing
