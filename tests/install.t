#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "make install" puts everything where it is found: into a directory, and from there
# into a host VM, where modprobe and the launcher do what the README says; and "make
# uninstall" takes it away again.

. "$(dirname "$0")/lib/vm.sh"

ROOT=$(mktemp -d "${TMPDIR:-/tmp}/lguest-install.XXXXXX")
trap 'rm -rf "$ROOT"' EXIT
read -r RELEASE _ < "$CACHE/host-$HOST/version"
MODULES=$ROOT/lib/modules/$RELEASE
WANTED='bin/lguest include/linux/lguest.h include/linux/lguest_launcher.h share/bash-completion/completions/lguest share/man/man1/lguest.1 share/man/man4/lguest.4 share/zsh/site-functions/_lguest'

# (all is built, and other tests use it)
make_it() {
	make -C "$TOP" -o module -o launcher -o guests KDIR="$CACHE/host-$HOST/kdir" DESTDIR="$ROOT" "$@"
}

installed() {
	find "$ROOT/usr/local" -type f -printf '%P\n' | sort | xargs
}

check "make install" make_it install
is "$(installed)" "$WANTED" "launcher, headers and manual pages are installed"
ko=$(find "$MODULES" -name lguest.ko)
check "the module is" [ -f "$ko" ]
unlike "$(readelf -SW "$ko")" '\.debug_' "without debug information"
like "$(readelf -sW "$ko")" ' lguest_' "but with its symbols" || diag "$(readelf -sW "$ko" | tail)"
like "$(cat "$MODULES/modules.dep")" '/lguest\.ko:' "modprobe finds it"
check "make install-guests" make_it install-guests
like "$(installed)" 'share/lguest/hello .* share/lguest/tiny\.img ' "guests are installed, too"
EXTRA=$ROOT PROGRAMS='' vm_group install 120

# what is not ours stays
mkdir -p "$ROOT/usr/local/share/man/man1"
touch "${ko%/*}/other.ko.save" "$ROOT/usr/local/share/man/man1/other.1"
check "make uninstall" make_it uninstall
is "$(installed)" "share/man/man1/other.1" "of which nothing is left, but what is not ours"
is "$(find "$MODULES" -name '*.ko*' -printf '%f\n')" "other.ko.save" "the module is gone, too"
unlike "$(cat "$MODULES/modules.dep")" 'lguest' "and modprobe finds it no more"
rm "${ko%/*}/other.ko.save"
check "make uninstall, once more" make_it uninstall
check "the module's directory goes with the last module" [ ! -e "${ko%/*}" ]
rm -r "$MODULES"
check "also if the kernel is gone" make_it uninstall
check "make install, elsewhere" make_it install PREFIX=/opt
check "goes there" [ -x "$ROOT/opt/bin/lguest" ]
unlike "$(tail -c 28 "$ko")" '^~Module signature appended~' "the module is not signed"
openssl req -new -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lguest/ \
	-keyout "$ROOT/key" -outform DER -out "$ROOT/cert" 2> /dev/null
check "make install, with a key" make_it install KEY="$ROOT/key" CERT="$ROOT/cert"
like "$(tail -c 28 "$ko")" '^~Module signature appended~' "it is"
done_testing
