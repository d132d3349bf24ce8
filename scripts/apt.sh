# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# apt with lists, cache and state of its own in our cache, for ARCH as well as for
# this machine, so that packages can be fetched without changing anything in the
# system.  Sourced after common.sh by the scripts that fetch.

APTDIR=$CACHE/apt
NATIVE=$(dpkg --print-architecture)
# what packages are for; who sources this may change it
ARCH=i386

# The suites of a release that stand where the machine's apt sources have such
# suites of its own release: suites_of MACHINE-RELEASE SUITE RELEASE.  A release's
# backports stand beside it.
suites_of() {
	local own=$1 suite=$2 release=${3%-backports}

	case $suite in
	"$own"|stable|oldstable|oldoldstable)
		[ "$own" = "$release" ] && echo "$suite" || echo "$release"
		[ "$3" = "$release" ] || echo "$3"
		;;
	*-security|*/updates)
		[ "$own" = "$release" ] && echo "$suite" || echo "$release-security"
		;;
	*-updates)
		# what is no longer the newest release may have none
		[ "$own" != "$release" ] || echo "$suite"
		;;
	esac
}

# The machine's Debian sources as one-line entries for a release:
# sources all|release RELEASE
sources() {
	local which=$1 wanted=$2 codename keyring opt origin uri suite component

	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	[ -n "$codename" ] || die "this is no Debian release: /etc/os-release has no VERSION_CODENAME"
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	opt=arch=$ARCH
	[ "$NATIVE" = "$ARCH" ] || opt+=,$NATIVE
	[ ! -r $keyring ] || opt+=" signed-by=$keyring"

	# shellcheck disable=SC2016 # these are apt's variables
	apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' |
	while read -r origin uri suite component; do
		case $origin in
		Debian|'$(ORIGIN)')
			;;
		*)
			continue
			;;
		esac
		[ "$component" = main ] || continue
		case $which:$suite in
		release:*-updates|release:*-security|release:*/updates)
			continue
			;;
		esac
		for suite in $(suites_of "$codename" "$suite" "$wanted"); do
			echo "deb [$opt] $uri $suite $component"
		done
	done | sort -u
}

# apt with lists, cache and state of our own
apt_() {
	local tool=$1
	shift

	"$tool" -q \
		-oAPT::Architecture="$ARCH" \
		-oAPT::Architectures::="$ARCH" -oAPT::Architectures::="$NATIVE" \
		-oAPT::Sandbox::User="$(id -un)" \
		-oAPT::Get::List-Cleanup=false \
		-oAcquire::Languages=none -oAcquire::Retries=3 \
		-oDir::State="$APTDIR/state" -oDir::State::Lists="$APTDIR/lists" \
		-oDir::State::status="$APTDIR/status" -oDir::Cache="$APTDIR/cache" \
		-oDir::Etc::SourceList="$APTDIR/sources.list" \
		-oDir::Etc::SourceParts=/dev/null \
		"$@"
}

# update_lists all|release RELEASE
update_lists() {
	mkdir -p "$APTDIR/state" "$APTDIR/lists/partial" "$APTDIR/cache/archives/partial"
	: > "$APTDIR/status"
	sources "$1" "$2" > "$APTDIR/sources.list"
	[ -s "$APTDIR/sources.list" ] ||
		die "apt knows no Debian source here: add one to /etc/apt/sources.list"
	say "fetching the $ARCH package lists ($2, $1)"
	if ! apt_ apt-get -oAPT::Update::Error-Mode=any update >&2; then
		say "these lists ($2, $1) are not to be had just now"
		return 1
	fi
}

# some_lists RELEASE: all that there are, or at least the release's own
some_lists() {
	update_lists all "$1" || update_lists release "$1"
}

# download DIRECTORY PACKAGE[=VERSION]
download() {
	say "downloading $2"
	(cd "$1" && retry apt_ apt-get download "$2" >&2)
}

# versions PACKAGE: those that there are, newest first
versions() {
	apt_ apt-cache show "$1" 2>/dev/null | sed -n 's/^Version: //p' | sort -Vru
}

# newest DIRECTORY PACKAGE: unpack the newest that can be downloaded
newest() {
	local v

	for v in $(versions "$2"); do
		unpack "$1" "$2=$v" && return 0
	done
	return 1
}

# unpack DIRECTORY PACKAGE[=VERSION]...: downloads them, too
unpack() {
	local root=$1 package
	shift

	rm -rf "$CACHE/tmp"
	mkdir -p "$CACHE/tmp" "$root"
	for package; do
		download "$CACHE/tmp" "$package" || return 1
		say "unpacking ${package%%=*}"
		dpkg -x "$CACHE"/tmp/*.deb "$root" || return 1
		rm "$CACHE"/tmp/*.deb
	done
	rmdir "$CACHE/tmp"
}
