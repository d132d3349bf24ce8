# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For fetch-host: a host whose kernel is Debian's own package, unpacked.

FLAVOUR=${PACKAGE#linux-image-}
# the architecture that the kernel is of, as Debian calls it
case $FLAVOUR in
*amd64)
	ARCH=amd64
	;;
*)
	ARCH=i386
	;;
esac

# the package of the form PREFIX*SUFFIX that version $2 of meta package $1 needs
dependency() {
	apt_ apt-cache show "$1:$ARCH=$2" 2>/dev/null | sed -n 's/^Depends: //p' |
		tr ',' '\n' | sed -n "s/^ *\($3[^ ]*\).*/\1/p" | head -n 1
}

has() {
	versions "$1" | grep -qxF "$2"
}

# the package with the build's tools for headers of version $2, for this machine
kbuild() {
	echo "$(dependency "linux-headers-$1" "$2" linux-kbuild-):$NATIVE"
}

# for example "6.1.0-9-686 6.1.27-1", if image, headers and kbuild all have it
candidates() {
	local v abi

	for v in $(versions "$PACKAGE:$ARCH"); do
		abi=$(dependency "$PACKAGE" "$v" linux-image-)
		abi=${abi#linux-image-}
		[ -n "$abi" ] || continue
		[ "$(dependency "linux-headers-$FLAVOUR" "$v" linux-headers-)" = "linux-headers-$abi" ] ||
			continue
		if has "linux-image-$abi:$ARCH" "$v" && has "linux-headers-$abi:$ARCH" "$v" &&
		   has "linux-headers-${abi%-"$FLAVOUR"}-common" "$v" &&
		   has "$(kbuild "$abi" "$v")" "$v"; then
			echo "$abi $v"
		fi
	done
}

# Headers expect to be installed in /usr/src: point them to where they are.  The
# compiler that they name may be another release's; it is the plug-ins that need
# just that one, and Debian's kernels have none.
redirect() {
	local kdir=$1 common=$2

	sed -i "s|^\(include \)/usr/src/[^/]*-common/|\1$common/|" "$kdir/Makefile"
	grep -qxF "include $common/Makefile" "$kdir/Makefile" ||
		die "the layout of $kdir/Makefile is new to this script"
	sed -i "s|^\(.*CC = .*\)\bgcc-[0-9]*|\1gcc-12|" "$kdir/.kernelvariables"
}

fetch() {
	local abi=$1 version=$2 kver=${1%-"$FLAVOUR"} src=usr/src/linux-headers

	unpack "$DEST/root" "linux-image-$abi:$ARCH=$version" "linux-headers-$abi:$ARCH=$version" \
		"linux-headers-$kver-common=$version" "$(kbuild "$abi" "$version")=$version" || return 1
	redirect "$DEST/root/$src-$abi" "$DEST/root/$src-$kver-common"
	ln -s "root/$src-$abi" "$DEST/kdir"
	ln -s "root/boot/vmlinuz-$abi" "$DEST/vmlinuz"
	ln -s "root/lib/modules/$abi" "$DEST/modules"
}
