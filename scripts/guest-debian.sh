# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For linux-guest: Linux of Debian's own source, configured as guests/linux says.

. "$TOP/scripts/apt.sh"

# shellcheck disable=SC2034 # apt.sh's: source is the same for all machines
ARCH=$NATIVE
DEST=$CACHE/linux-guest
# shellcheck disable=SC2034 # for linux-guest
LOCK=linux-guest

package_of() {
	echo "linux-source-$(release_of "$1")"
}

source_of() {
	echo "$DEST/$(package_of "$1")"
}

# fetch PACKAGE DEBIAN-RELEASE
fetch() {
	lock cache
	some_lists "$2" || return 1
	newest "$DEST/package" "$1" || return 1
	unlock cache
}

# the newest source of a release as it comes from Debian
unpack_source() {
	local package debian tar

	package=$(package_of "$1")
	debian=$(linux_releases | awk -v release="$(release_of "$1")" '$1 == release { print $2 }')
	tar=$DEST/package/usr/src/$package.tar.xz
	[ -f "$tar" ] || fetch "$package" "$debian" ||
		die "$package of $debian could not be had: look above for why, and run this again"
	say "unpacking the source of Linux $(release_of "$1")"
	rm -rf "${DEST:?}/$package" "$DEST"/{linux,native}*/.config "$DEST/selftests"
	tar -xJf "$tar" -C "$DEST"
}

patch_source() {
	local source=$1 file
	shift

	for file; do
		patch -s -p1 -d "$source" < "$file" ||
			reject "${file#"$SERIES/"} does not apply to this source: $source"
	done
}

get_source() {
	local source sum
	local -a patches

	source=$(source_of "$1")
	mapfile -t patches < <(series "$(release_of "$1")")
	sum=$(cat "${patches[@]}" | sha256sum | cut -d ' ' -f 1)
	if [ "$(cat "$source/.lguest" 2>/dev/null)" != "$sum" ]; then
		unpack_source "$1"
		patch_source "$source" "${patches[@]}"
		echo "$sum" > "$source/.lguest"
	fi
}

configuration() {
	is_same "$1" || all_off "$1"
}
