#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Linux as a guest, made once more elsewhere: the same bits.  (packages.t has that of all
# else.)
. "$(dirname "$0")/lib/vm.sh"

case " ${T:-} " in
*" reproducible "*)
	;;
*)
	skip_all "compiles Linux, so it is for those who ask: make check T=reproducible"
	;;
esac
[ -f "$BUILD/linux/linux" ] || skip_all "there is no guest 'linux': make linux-guest"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/lguest-reproducible.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
trap 'exit 143' TERM INT HUP
ELSEWHERE=$WORK/some/where/else

same() {
	check "$1 is the same" cmp "$BUILD/linux/$1" "$ELSEWHERE/build/linux/$1"
}

copy_tree "$ELSEWHERE"
# what was downloaded is the same
mkdir -p "$WORK/cache/lguest/linux-guest"
ln -s "$CACHE"/{apt,program-busybox} "$WORK/cache/lguest/"
ln -s "$CACHE/linux-guest/package" "$WORK/cache/lguest/linux-guest/"
XDG_CACHE_HOME=$WORK/cache "$ELSEWHERE/scripts/linux-guest" linux > "$WORK/log" 2>&1
is $? 0 "Linux is built elsewhere" || diag "$(tail -n 20 "$WORK/log")"
same linux
same linux.bzImage
if [ "$(find "$BUILD/linux/lib/modules" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]; then
	same linux.initrd
else
	skip "linux.initrd is the same" "it has modules of other kernels, too"
fi
done_testing
