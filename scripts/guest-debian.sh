# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For linux-guest: Linux of Debian's own source, configured as guests/linux says.

. "$TOP/scripts/apt.sh"

RELEASE=bookworm
PACKAGE=linux-source-6.1
DEST=$CACHE/linux-guest
# shellcheck disable=SC2034 # for linux-guest
LOCK=linux-guest
SOURCE=$DEST/$PACKAGE

fetch() {
	lock cache
	some_lists "$RELEASE" || return 1
	newest "$DEST/package" "$PACKAGE" || return 1
	unlock cache
}

# the newest source as it comes from Debian
unpack_source() {
	local tar=$DEST/package/usr/src/$PACKAGE.tar.xz

	[ -f "$tar" ] || fetch ||
		die "$PACKAGE of $RELEASE could not be had: look above for why, and run this again"
	say "unpacking the source"
	rm -rf "$SOURCE" "$DEST"/{linux,native}*/.config "$DEST/selftests"
	tar -xJf "$tar" -C "$DEST"
}

series_sum() {
	cat "$SERIES"/patches/*.patch | sha256sum | cut -d ' ' -f 1
}

patch_source() {
	local file

	for file in "$SERIES"/patches/*.patch; do
		patch -s -p1 -d "$SOURCE" < "$file" ||
			reject "${file##*/} does not apply to this source: $SOURCE"
	done
	series_sum > "$SOURCE/.lguest"
}

get_source() {
	if [ "$(cat "$SOURCE/.lguest" 2>/dev/null)" != "$(series_sum)" ]; then
		unpack_source
		patch_source
	fi
}

configuration() {
	is_same "$1" || all_off "$1"
}
