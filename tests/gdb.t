#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest can be debugged and dumped.
. "$(dirname "$0")/lib/vm.sh"

# addresses GUEST: of a function that is called often, of a word that changes, of code
addresses() {
	nm "$BUILD/guests/$1" | awk -v name="$1" '
		{ at[$3] = $1 }
		END { print name, at["schedule"], at["switches"], at["file_open"] }'
}

vm_group gdb 240 "GUESTS=$(for guest in tiny tiny-pae tiny-3.11 tiny-3.11-pae; do
	addresses "$guest"
done | tr '\n' ' ')"

# with types and lines
OUT=$BUILD/gdb
make -s -C "$TOP/guests" OUT="$OUT" CC='gcc -g' "$OUT/guests/tiny" > "$LOGS/gdb-tiny.log" 2>&1 || {
	cat "$LOGS/gdb-tiny.log"
	exit 1
}
mkdir -p "$OUT/root"
cp "$OUT/guests/tiny" "$OUT/root/"
SERVERS=gdb EXTRA=$OUT/root PROGRAMS='' MEM=${MEM:-512M} vm_group gdb-itself 240
done_testing
