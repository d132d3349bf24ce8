# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Makes a file with a root file system of Debian in it, of any release and architecture
# that apt's sources here have, by mmdebstrap.  Sourced after common.sh and apt.sh.

# debian_image IMAGE ARCHITECTURE RELEASE SIZE PACKAGES [MMDEBSTRAP-OPTION...]: PACKAGES have
# commas between them.  It is of ext2; IMAGE.list is what apt is told, and all that is said
# goes to stdout.  IN_PERSONALITY is how it is run ("setarch i686").
IN_PERSONALITY=()
debian_image() {
	can_run "$2" && { bootstrap all "$@" || bootstrap release "$@"; } && enlarge "$1" "$4"
} 2>&1

# can_run ARCHITECTURE, or it is said why not: what is unpacked is configured by its own programs
can_run() {
	arch-test "$1" > /dev/null && return
	echo "E: this machine runs no programs of $1: boot it with ia32_emulation=on, or use another"
	return 1
}

# bootstrap all|release, and the same: from these sources
bootstrap() {
	local which=$1 image=$2 architecture=$3 release=$4 packages=$6
	shift 6

	rm -f "$image"
	sources "$which" "$release" | sed "s/arch=[^ ]*/arch=$architecture/" > "$image.list"
	[ -s "$image.list" ] || {
		echo "E: apt knows no Debian source here: add one to /etc/apt/sources.list"
		return 1
	}
	# (it ends all of its process group when it fails)
	setsid -w "${IN_PERSONALITY[@]}" mmdebstrap --architectures="$architecture" \
		--variant=minbase --format=ext2 --include="$packages" \
		--aptopt='Acquire::Retries "3"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		"$@" "$release" "$image" "$image.list"
}

# without holes of ext2's
enlarge() {
	truncate -s "$2" "$1"
	{ PATH=$PATH:/sbin e2fsck -fy "$1" || [ $? -le 2 ]; } && PATH=$PATH:/sbin resize2fs "$1"
}
