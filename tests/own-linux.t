#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Linux of somebody's own source: "make linux-guest SRC=" and scripts/try-linux, with a
# source tree that looks like Linux and "compiles" in no time (tests/own-linux/Makefile).
# All of it happens in a copy of this tree, which has a build/linux of its own.

. "$(dirname "$0")/lib/vm.sh"

for command in git depmod; do
	command -v $command > /dev/null || PATH=$PATH:/sbin
	command -v $command > /dev/null || skip_all "there is no $command: make check installs it"
done
[ -f "$BUILD/linux/linux" ] || skip_all "no Linux guest was built: make linux-guest"
WORK=$(mktemp -d "${TMPDIR:-/tmp}/lguest-own.XXXXXX")
COPY=$WORK/lguest SRC=$WORK/linux
export FAKE_KERNEL=$BUILD/linux/linux FAKE_BUG=$BUILD/guests/hello-3.11
cleanup() {
	rm -rf "$WORK" "$CACHE/linux-own/$(basename "$WORK")-"*
}
trap cleanup EXIT
trap 'exit 143' TERM INT HUP

copy_of_this_tree() {
	copy_tree "$COPY"
	mkdir -p "$COPY/build/linux"
	find "$BUILD" -mindepth 1 -maxdepth 1 ! -name linux ! -name logs \
		-exec ln -s {} "$COPY/build/" \;
	ln -s "$BUILD/linux/selftests" "$COPY/build/linux/"
}

their_git() {
	git -C "$SRC" -c user.name=them -c user.email=them@localhost -c init.defaultBranch=main "$@"
}

# It has the series; the name makes that of its copy in the cache this test's own.
make_source() {
	SRC=$WORK/$(basename "$WORK")
	mkdir -p "$SRC/arch/x86/include/asm" "$SRC/mm"
	cp "$TOP/tests/own-linux/Makefile" "$SRC/"
	touch "$SRC/Kbuild" "$SRC/arch/x86/Makefile" "$SRC/arch/x86/include/asm/lguest.h"
	echo 1 > "$SRC/mm/memory.c"
	echo 1 > "$SRC/mm/slub.c"
	printf '*.o\n.*\n!.gitignore\n' > "$SRC/.gitignore"
	touch "$SRC/mm/memory.o"
	their_git init -q
	their_git add -A
	their_git commit -qm begin
}

# linux_guest [VARIABLE=VALUE...]: its output; STATUS
linux_guest() {
	OUTPUT=$(env SRC="$SRC" "$@" "$COPY/scripts/linux-guest" own 2>&1)
	STATUS=$?
}

# the file of the copy that is compiled
copied() {
	echo "$CACHE/linux-own/$(basename "$SRC")-"*"/source/$1"
}

copy_of_this_tree
make_source

linux_guest SRC=/nowhere
like "$OUTPUT" 'there is no /nowhere' "a source that is not there"
linux_guest SRC=
like "$OUTPUT" 'say SRC=/path/to/linux' "none"
linux_guest SRC="$TOP/guests"
like "$OUTPUT" 'is no source tree of Linux' "one that is none of Linux"
linux_guest SRC="$TOP/README"
like "$OUTPUT" 'neither a directory nor a tar file' "a file that is no tar file"

linux_guest
is $STATUS 0 "a source is built" || diag "$OUTPUT"
check "there is a kernel" cmp "$FAKE_KERNEL" "$COPY/build/linux/own.bzImage"
check "and an initial ramdisk" gzip -t "$COPY/build/linux/own.initrd"
is "$(cat "$(copied mm/memory.c)")" 1 "its copy has its files"
is "$(ls "$(copied mm)")" $'memory.c\nslub.c' "but for those that git ignores"
is "$(their_git status --porcelain --ignored)" '!! mm/memory.o' "nothing was written to it"

stat -c %Y.%Z "$(copied mm/slub.c)" > "$WORK/before"
echo 2 > "$SRC/mm/memory.c"
echo 1 > "$SRC/mm/new.c"
linux_guest
is "$(cat "$(copied mm/memory.c)" "$(copied mm/new.c)")" $'2\n1' "what nobody has committed is seen"
is "$(stat -c %Y.%Z "$(copied mm/slub.c)")" "$(cat "$WORK/before")" "other files stay as they are"
rm "$SRC/mm/new.c"
linux_guest
check "a file that has gone is gone" test ! -e "$(copied mm/new.c)"

touch "$SRC/broken"
linux_guest
is $STATUS 125 "a source that does not compile is told from other trouble"
like "$OUTPUT" 'own does not build: .*build.log' "and where it says why"
rm "$SRC/broken"

printf 'CONFIG_SMP=y\nCONFIG_PCI=y\nCONFIG_E1000=y\nCONFIG_X86_PAE=y\n' > "$WORK/config"
linux_guest CONFIG="$WORK/config"
like "$OUTPUT" 'a guest does without PCI SMP' "what a configuration loses is said"
is "$(cat "$COPY/build/linux/own.lost")" $'CONFIG_PCI\nCONFIG_SMP' "all of it in a file"
linux_guest CONFIG="$WORK/nothing"
is "$STATUS $OUTPUT" "1 linux-guest: there is no $WORK/nothing" "a configuration that is not there"
echo CONFIG_LGUEST_GUEST=y > "$SRC/refused"
linux_guest CONFIG="$WORK/config"
is $STATUS 125 "a source that cannot be a guest"
like "$OUTPUT" 'does not take all of .*CONFIG_LGUEST_GUEST=y' "and what it does not take"
rm "$SRC/refused"

rm -r "$SRC/arch/x86/include"
linux_guest
is $STATUS 125 "a source that the patches are not for"
like "$OUTPUT" 'do not apply to this source, which is Linux 6.1;.* 6.1/0002-x86' "and which ones"
for series in '6.11 6.1/0002-x86' '6.12 6.12/0002-x86' '6.12 6.1/0003-x86' '7.10 7.3/0002-x86' \
	'7.10 6.12/0012-x86' '7.10 6.12/0015-virtio'; do
	read -r release patch <<< "$series"
	sed -i "s/^VERSION = .*/VERSION = ${release%.*}/; s/^PATCHLEVEL = .*/PATCHLEVEL = ${release#*.}/" \
		"$SRC/Makefile"
	linux_guest
	like "$OUTPUT" "Linux $release;.* $patch" "Linux $release gets $patch"
done
sed -i 's/^VERSION = .*/VERSION = 6/; s/^PATCHLEVEL = .*/PATCHLEVEL = 0/' "$SRC/Makefile"
linux_guest
like "$OUTPUT" 'this source is Linux 6.0: the patches of guests/linux are for 6.1 and later' \
	"a release that is too old is told so"
cp "$TOP/tests/own-linux/Makefile" "$SRC/"

# what is no repository, but was compiled in
tar -C "$WORK" -cf "$WORK/$(basename "$WORK")-1.tar" --exclude=.git --exclude=.gitignore \
	"$(basename "$WORK")"
mkdir -p "$SRC/arch/x86/include/asm"
touch "$SRC/arch/x86/include/asm/lguest.h"
rm -rf "$SRC/.git" "$SRC/.gitignore"
linux_guest
is "$STATUS $(ls "$(copied mm)")" $'0 memory.c\nslub.c' "a tree without git" || diag "$OUTPUT"
echo 3 > "$SRC/mm/memory.c"
linux_guest
is "$(cat "$(copied mm/memory.c)")" 3 "and what is new there"
SRC=$WORK/$(basename "$WORK")-1.tar
linux_guest
like "$OUTPUT" 'do not apply to this source, which is Linux 6.1' "a tar file is unpacked"

# Ten commits, of which the seventh is bad and the fifth does not compile.
rm -rf "${WORK:?}/$(basename "$WORK")"
make_source
for number in $(seq 10); do
	echo "at $number" > "$SRC/mm/memory.c"
	rm -f "$SRC/broken"
	[ "$number" != 5 ] || touch "$SRC/broken"
	[ "$number" != 7 ] || touch "$SRC/bug"
	their_git add -A
	their_git commit -qm "commit $number"
done
their_git bisect start HEAD HEAD~10 > "$WORK/bisect"
(cd "$SRC" && env -u SRC HOST="$HOST" CPU="$CPU" SMP="$SMP" MEM=1G \
	git bisect run "$COPY/scripts/try-linux" 'uname -r; test -e /etc/rc.lguest') >> "$WORK/bisect" 2>&1
is "$(their_git log -1 --format=%s refs/bisect/bad)" "commit 7" "git bisect finds the bad commit" ||
	diag "$(tail -n 40 "$WORK/bisect")"
like "$(cat "$WORK/bisect")" 'first bad commit' "and says so"
like "$(cat "$WORK/bisect")" 'lguest' "the command has run in the guest"
like "$(cat "$WORK/bisect")" 'try-linux: bad: status 123' "a guest that is no Linux is bad"
done_testing
