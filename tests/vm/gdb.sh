# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# A debugger of a guest's, by gdb's protocol but without gdb (FUNCTION, VARIABLE and
# TEXT: addresses in tiny, see tests/prog/gdbclient.c); and dumps.  GUESTS are tiny's of
# eras and formats, each with its addresses.

. /vm/prog.sh

# What keeps the guest's kernel busy.
busy() {
	echo 'spin 100000000 &'
	echo 'spin 100000000 &'
	cat hold
}

# debugged KERNEL FUNCTION VARIABLE TEXT [OPTION...]: the client's results
debugged() {
	name=$1 function=$2 variable=$3 text=$4
	shift 4
	rm -f hold
	mkfifo hold
	cp /guests/tiny.img disk.img
	busy | lguest run --mem 16M --disk disk.img --kernel "/guests/$name" --name "$name" \
		--gdb=unix:gdb.sock "$@" > "$name.out" 2> "$name.err" &
	launcher=$!
	exec 5> hold
	check "$name: there is a socket for gdb" wait_for 30 test -S gdb.sock
	check "$name: the guest is busy" wait_for_line 100 "$name.out" '\[4\]'
	program gdbclient gdb.sock "$function" "$variable" "$text"
	like "$(lguest list)" "^$name .* running" "$name: it runs on"
	check "$name: and can be dumped" lguest dump "$name" "$name.core"
	is "$(head -c 4 "$name.core" | tail -c 3)" ELF "$name: into an ELF file"
	is "$(ls ./*.part 2> /dev/null)" "" "$name: and no half of one is left"
	check_fails "$name: not where it cannot be" lguest dump "$name" /nowhere/core
	like "$(lguest list)" "^$name .* running" "$name: and runs on"
	echo poweroff >&5
	exec 5>&-
	wait $launcher
	is $? 0 "$name: powers off" || diag "$(tail -n 5 "$name.err")"
	unlike "$(cat "$name.out")" 'FAIL|dying|trap' "$name: nothing has disturbed it"
	check_fails "$name: the socket has gone" test -e gdb.sock
}

check "the module loads" load_module lguest
log_mark
# shellcheck disable=SC2086 # several words
set -- $GUESTS
while [ $# -gt 0 ]; do
	debugged "$1" "$2" "$3" "$4"
	shift 4
done
quiet_log
check "the module unloads" unload_module lguest
done_testing
