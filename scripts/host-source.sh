# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For fetch-host: a host whose kernel is built from Debian's source package with
# a configuration of ours (hosts.d/HOST.config names what is on, and what it includes;
# all else is off).  What is kept is what modules are built and the VM is booted with.

. "$TOP/scripts/kconfig.sh"

# shellcheck disable=SC2034 # apt.sh's: source is the same for all machines
ARCH=$NATIVE
BUSYBOX=busybox
[ "${HOST%amd64}" = "$HOST" ] || BUSYBOX=busybox:amd64
CONFIG=$DEST/config
SOURCE=$DEST/root/usr/src/$PACKAGE
OBJECTS=$DEST/root/build
KLOG=$CACHE/host-$HOST.log

prepare() {
	"$TOP/scripts/fetch-program" "$BUSYBOX"
}

fetch_busybox() {
	ln -s "../program-${BUSYBOX/:/-}/root/bin/busybox" "$DEST/busybox"
}

candidates() {
	local v

	for v in $(versions "$PACKAGE"); do
		echo "${v%%-*}-$HOST $v"
	done
}

# the lines of a file of hosts.d
fragments() {
	local line

	while IFS= read -r line; do
		case $line in
		"include "*)
			fragments "${line#include }"
			;;
		*)
			echo "$line"
			;;
		esac
	done < "$TOP/scripts/hosts.d/$1"
}

options() {
	merge_options <(fragments "$HOST.config")
}

current() {
	cmp -s "$CONFIG" <(options) && return
	say "scripts/hosts.d has changed: host $HOST is built anew"
	return 1
}

architecture() {
	if grep -q '^CONFIG_64BIT=y' "$CONFIG"; then
		echo x86_64
	else
		echo i386
	fi
}

kernel_make() {
	nice make -s -C "$SOURCE" O="$OBJECTS" ARCH="$(architecture)" \
		LOCALVERSION="-$HOST" "$@" >> "$KLOG" 2>&1
}

configure() {
	local missing

	options > "$CONFIG"
	kernel_make KCONFIG_ALLCONFIG="$CONFIG" allnoconfig || return 1
	missing=$(not_taken "$CONFIG" "$OBJECTS/.config")
	[ -z "$missing" ] || die "this kernel does not take all of scripts/hosts.d: $missing"
}

install() {
	local release

	release=$(cat "$OBJECTS/include/config/kernel.release")
	[ "$release" = "$1" ] || die "the source of $1 calls itself $release"
	kernel_make INSTALL_MOD_PATH="$DEST/root" DEPMOD=true modules_install || return 1
	ln -s root/build "$DEST/kdir"
	ln -s root/build/arch/x86/boot/bzImage "$DEST/vmlinuz"
	ln -s "root/lib/modules/$release" "$DEST/modules"
}

# a tenth of it is enough to build modules
prune() {
	find "$SOURCE" -mindepth 1 -maxdepth 1 ! -name include ! -name scripts \
		! -name arch ! -name Makefile -exec rm -rf {} +
	find "$SOURCE/arch" -mindepth 1 -maxdepth 1 -type d ! -name x86 -exec rm -rf {} +
	find "$OBJECTS" -path "$OBJECTS/scripts" -prune -o \
		\( -name '*.o' -o -name '*.a' -o -name 'vmlinux*' \) -type f -exec rm {} +
}

fetch() {
	"$TOP/scripts/deps" build kernel
	: > "$KLOG"
	unpack "$DEST/root" "$PACKAGE=$2" || return 1
	unlock cache		# for as long as this takes
	say "unpacking the source"
	tar -xJf "$SOURCE.tar.xz" -C "${SOURCE%/*}" || return 1
	rm "$SOURCE.tar.xz"
	say "building host kernel $1: this takes some minutes ($KLOG)"
	if ! configure || ! kernel_make -j"$(nproc)" bzImage modules || ! install "$1"; then
		tail -n 20 "$KLOG" >&2
		die "host kernel $1 does not build: $KLOG has it all"
	fi
	prune
	lock cache
}
