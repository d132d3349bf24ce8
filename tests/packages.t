#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "make deb" makes the packages, of which lintian says nothing and which have what they
# are to have, and the same bits wherever and whenever that is.  (packages-root installs
# them.)  All of it happens in copies of this tree, without git and without Linux guests.

. "$(dirname "$0")/lib/vm.sh"

for command in dpkg-buildpackage dh_dkms lintian; do
	command -v $command > /dev/null || skip_all "there is no $command: make check installs it"
done
WORK=$(mktemp -d "${TMPDIR:-/tmp}/lguest-packages.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
trap 'exit 143' TERM INT HUP
ONE=$WORK/one OTHER=$WORK/some/where/else
VERSION=$(cd "$TOP" && dpkg-parsechangelog -S Version)
ARCHES=$(dpkg --print-architecture)
[ "$ARCHES" != amd64 ] || ARCHES+=' i386'

files_of() {
	(cd "$1" && find . -path ./build -prune -o -type f -printf '%P %m %s\n' | sort)
}

# contents NAME ARCHITECTURE: the files of a package
contents() {
	dpkg-deb --fsys-tarfile "$ONE/build/deb/$1_${VERSION}_$2.deb" | tar -t | sed -n 's,^\./\(.*[^/]\)$,\1,p' | sort
}

# without documentation, which all have
payload() {
	contents "$@" | grep -v '^usr/share/\(doc\|lintian\)/'
}

wanted_lguest() {
	printf '%s\n' lib/udev/rules.d/60-lguest.rules usr/bin/lguest \
		usr/include/linux/lguest{,_launcher}.h usr/lib/sysusers.d/lguest.conf \
		usr/share/bash-completion/completions/lguest \
		usr/share/man/man{1/lguest.1,4/lguest.4}.gz usr/share/zsh/vendor-completions/_lguest
}

wanted_dkms() {
	echo usr/lib/systemd/system/sysinit.target.wants/modprobe@lguest.service
	(cd "$ONE" && find Kbuild ./*.[chS] include -type f) |
		sed "s,^\(\./\)\?,usr/src/lguest-$VERSION/,"
	echo "usr/src/lguest-$VERSION/dkms.conf"
}

wanted_guests() {
	make -s -C "$ONE/guests" names | while read -r guest eras; do
		for era in $eras; do
			[ "$era" != 2.6.23 ] && era=-$era || era=
			printf 'usr/share/lguest/%s\n' "$guest$era" "$guest$era-pae"
		done
	done
	echo usr/share/lguest/tiny.img
}

# supported RELEASE: would DKMS build for it?
supported() {
	bash -c '. "$0"; [[ $1 =~ $BUILD_EXCLUSIVE_KERNEL ]]' "$TOP/debian/lguest-dkms.dkms" "$1-1-amd64"
}

copy_tree "$ONE"
files_of "$ONE" > "$WORK/before"
check "make deb" make -C "$ONE" deb || {
	done_testing
	exit
}
is "$(files_of "$ONE" | diff "$WORK/before" -)" "" "nothing is left in the tree but in build"
is "$(cd "$ONE/build/deb" && echo *)" \
	"build.log $(for arch in $ARCHES; do echo "lguest_${VERSION}_$arch.deb"; done |
		xargs echo "lguest-dkms_${VERSION}_all.deb lguest-guests_${VERSION}_all.deb")" \
	"the packages are there"
# (of one name it looks at one package)
for package in "$ONE"/build/deb/*.deb; do
	check "lintian is content with ${package##*/}" \
		lintian --allow-root --fail-on error,warning "$package"
done
check "a source package can be made" bash -c "cd '$WORK' && dpkg-source -b one"
check "lintian is content with that" \
	lintian --allow-root --fail-on error,warning "$WORK/lguest_$VERSION.dsc"

for arch in $ARCHES; do
	is "$(diff <(wanted_lguest | sort) <(payload lguest "$arch"))" "" "lguest, $arch: all is there"
done
is "$(diff <(wanted_dkms | sort) <(payload lguest-dkms all))" "" "lguest-dkms: so it is"
is "$(diff <(wanted_guests | sort) <(payload lguest-guests all))" "" "lguest-guests: so it is"
dpkg-deb -x "$ONE/build/deb/lguest_${VERSION}_${ARCHES%% *}.deb" "$WORK/root"
like "$("$WORK/root/usr/bin/lguest" --version)" "^lguest ${VERSION//./\\.} " "the launcher has that version"

read -r first last <<< "$(sed -n 's/.*LINUX_VERSION_CODE [<>=]* KERNEL_VERSION(\([0-9]*\), \([0-9]*\), 0).*/\1.\2/p' \
	"$TOP/compat.h" | head -n 2 | xargs)"
check "DKMS builds for the first kernel that compat.h knows, $first" supported "$first.0"
check_fails "for none before" supported "${first%.*}.$((${first#*.} - 1)).0"
check "for the last before $last" supported "${last%.*}.$((${last#*.} - 1)).0"
check_fails "and not for that" supported "$last.0"

copy_tree "$OTHER"
find "$OTHER" -exec touch -d '2020-01-01' {} +
check "make deb, elsewhere" env TZ=Asia/Tokyo LC_ALL=C bash -c "umask 077; make -C '$OTHER' deb"
for package in "$ONE"/build/deb/*.deb; do
	check "${package##*/} is the same, to the bit" cmp "$package" "$OTHER/build/deb/${package##*/}"
done
done_testing
