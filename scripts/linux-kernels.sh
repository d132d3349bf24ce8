# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What Linux there is as a guest: the names of its kernels, and which files of guests/linux
# belong to each.  A name is linux, -RELEASE if that is not the oldest one, and -FLAVOUR,
# which guests/linux/linux-FLAVOUR.config says what it is; with native in linux' stead it is
# the same for a PC.  Sourced after common.sh.

# (With "pipefail", which some have set who source this, what writes to a pipe that nobody
# reads any more may fail: so what reads here, reads all of it.)

SERIES=$TOP/guests/linux

# their numbers, oldest first, each with the release of Debian that has the source
linux_releases() {
	grep '^[0-9]' "$SERIES/releases"
}

oldest_release() {
	linux_releases | awk 'NR == 1 { print $1 }'
}

# '' and -pae and so on
linux_flavours() {
	(cd "$SERIES" && ls linux*.config) | sed 's/^linux\(.*\)\.config/\1/' | LC_ALL=C sort
}

linux_kernels() {
	local release oldest flavours

	oldest=$(oldest_release)
	mapfile -t flavours < <(linux_flavours)
	while read -r release _; do
		[ "$release" != "$oldest" ] && release=-$release || release=
		printf "linux$release%s\n" "${flavours[@]}"
	done < <(linux_releases)
}

is_linux_kernel() {
	linux_kernels | grep -xF -- "$1" > /dev/null
}

# the release that a kernel is of
release_of() {
	if [[ $1 =~ -([0-9]+\.[0-9]+) ]]; then
		echo "${BASH_REMATCH[1]}"
	else
		oldest_release
	fi
}

# what else its name says: linux, linux-pae, linux-2g
flavour_of() {
	sed -E -e 's/-[0-9]+\.[0-9]+//' -e 's/^native/linux/' <<< "$1"
}

# is_until A B: is release A not after B?
is_until() {
	printf '%s\n' "$@" | sort -CV
}

# until_release RELEASE RELEASE...: those that are not after the first one, oldest first
until_release() {
	local last=$1 release
	shift

	printf '%s\n' "$@" | sort -V | while read -r release; do
		! is_until "$release" "$last" || echo "$release"
	done
}

# The patches for a release.  patches/N has those that are for release N and later, until
# a later one has another of the same name.
series() {
	local release file
	local -A files=()

	# shellcheck disable=SC2046 # several words
	for release in $(until_release "$1" $(ls "$SERIES/patches")); do
		for file in "$SERIES/patches/$release"/*.patch; do
			files[${file##*/}]=$file
		done
	done
	for file in "${!files[@]}"; do
		echo "${files[$file]} $file"
	done | sort -k 2 | cut -d ' ' -f 1
}

# The options that only some releases have: N.config is for release N and later, until
# there is another.
release_config() {
	local configs

	configs=$(cd "$SERIES" && ls [0-9]*.config)
	# shellcheck disable=SC2086 # several words
	echo "$SERIES/$(until_release "$1" ${configs//.config/} | tail -n 1).config"
}
