# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For fetch-host: a host whose kernel is Debian's own package, unpacked.

FLAVOUR=${PACKAGE#linux-image-}

current() {
	true
}

prepare() {
	:
}

fetch_busybox() {
	newest "$DEST/root" busybox-static || return 1
	link busybox bin/busybox usr/bin/busybox
}

# the packages whose names begin with pattern $3 that version $2 of package $1 needs
dependencies() {
	apt_ apt-cache show "$1=$2" 2>/dev/null | sed -n 's/^Depends: //p' |
		tr ',' '\n' | sed -n "s/^ *\($3[^ ]*\).*/\1/p"
}

dependency() {
	dependencies "$@" | head -n 1
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

	for v in $(versions "$PACKAGE"); do
		abi=$(dependency "$PACKAGE" "$v" linux-image-)
		abi=${abi#linux-image-}
		[ -n "$abi" ] || continue
		[ "$(dependency "linux-headers-$FLAVOUR" "$v" linux-headers-)" = "linux-headers-$abi" ] ||
			continue
		if has "linux-image-$abi" "$v" && has "linux-headers-$abi" "$v" &&
		   has "linux-headers-${abi%-"$FLAVOUR"}-common" "$v" &&
		   has "$(kbuild "$abi" "$v")" "$v"; then
			echo "$abi $v"
		fi
	done
}

# Headers expect to be installed in /usr/src: point them to where they are.
redirect() {
	local kdir=$1 common=$2

	sed -i -e "s|^\(include \)/usr/src/[^/]*-common/|\1$common/|" \
		-e "s|^\(KBUILD_OUTPUT *= *\)/usr/src/.*|\1$kdir|" "$kdir/Makefile"
	grep -qxF "include $common/Makefile" "$kdir/Makefile" ||
		die "the layout of $kdir/Makefile is new to this script"
}

# The compiler that headers name may be a newer release's.  It is the plug-ins that
# need just that one, and Debian's kernels have none; but the configuration says what
# that one can, and where ours cannot the kernel does without.
other_compiler() {
	local kdir=$1 option=CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT

	sed -i "s|^\(.*CC = .*\)\bgcc-[0-9]*|\1gcc-12|" "$kdir/.kernelvariables"
	sed -i "/^$option=/d" "$kdir/include/config/auto.conf"
	sed -i "/^#define $option /d" "$kdir/include/generated/autoconf.h"
}

runs_here() {
	! ldd "$1" 2>&1 | grep -q 'not found'
}

elf_programs() {
	find "$1" -type f -perm -u+x -exec sh -c 'head -c 4 "$1" | grep -q ELF' sh {} \; -print
}

# The build's tools may want a newer C library than this machine has: they get their
# own release's.
other_libraries() {
	local tools=$1 kbuild=$2 version=$3 libraries=$DEST/tools/usr/lib/x86_64-linux-gnu tool
	local -a needed=()

	for tool in $(elf_programs "$tools"); do
		runs_here "$tool" || needed+=("$tool")
	done
	[ ${#needed[@]} -gt 0 ] || return 0
	# shellcheck disable=SC2046 # several words
	unpack "$DEST/tools" $(dependencies "$kbuild" "$version" 'z\{0,1\}lib') libzstd1 || return 1
	for tool in "${needed[@]}"; do
		mv "$tool" "$tool.elf"
		printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' \
			"$libraries/ld-linux-x86-64.so.2" "$libraries" "$tool.elf" > "$tool"
		chmod +x "$tool"
	done
}

# the packages of a kernel's image, which newer releases have in parts
image() {
	local part

	for part in image base binary modules; do
		! has "linux-$part-$1" "$2" || echo "linux-$part-$1=$2"
	done
}

fetch() {
	local abi=$1 version=$2 kver=${1%-"$FLAVOUR"} src=usr/src/linux-headers kbuild

	kbuild=$(kbuild "$abi" "$version")
	# shellcheck disable=SC2046 # several words
	unpack "$DEST/root" $(image "$abi" "$version") "linux-headers-$abi=$version" \
		"linux-headers-$kver-common=$version" "$kbuild=$version" || return 1
	redirect "$DEST/root/$src-$abi" "$DEST/root/$src-$kver-common"
	other_compiler "$DEST/root/$src-$abi"
	other_libraries "$DEST/root/usr/lib/${kbuild%:*}" "$kbuild" "$version" || return 1
	# (type information for a module would take a program of its own, pahole)
	rm -f "$DEST/root/$src-$abi/vmlinux"
	ln -s "root/$src-$abi" "$DEST/kdir"
	link vmlinuz "boot/vmlinuz-$abi" "usr/lib/modules/$abi/vmlinuz" &&
		link modules "lib/modules/$abi" "usr/lib/modules/$abi"
}
