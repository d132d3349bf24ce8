# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# gdb itself, as a person has it: with a guest that has been built with types and lines,
# while it runs, and with what is left of it in a dump.

. /vm/guest-tap.sh

# What keeps the guest's kernel busy.
busy() {
	echo 'spin 100000000 &'
	echo 'spin 100000000 &'
	cat hold
}

# gdb_says COMMANDS FILE...: in one line
gdb_says() {
	printf '%s\n' 'set pagination off' 'set confirm off' "$1" > commands
	shift
	timeout 100 gdb -nx -batch -x commands "$@" > gdb.out 2>&1 < /dev/null
	STATUS=$?
}

says() {
	like "$(cat gdb.out)" "$1" "$2" || diag "$(tail -n 30 gdb.out)"
}

check "the module loads" load_module lguest
mkfifo hold
cp /guests/tiny.img disk.img
busy | lguest run --mem 16M --disk disk.img --kernel /tiny --name tiny --gdb=unix:gdb.sock \
	> out 2> err &
launcher=$!
exec 5> hold
check "there is a socket for gdb" wait_for 30 test -S gdb.sock
check "the guest is busy" wait_for_line 100 out '\[4\]'

gdb_says "target remote gdb.sock
break schedule
continue
backtrace
print current->state
print *current
print \$eip == schedule
stepi
print switches
delete
detach" /tiny
is $STATUS 0 "gdb comes to its end" || diag "$(tail -n 30 gdb.out)"
says '^Breakpoint 1, schedule \(\) at .*sched\.c:[0-9]' "it stops in a function of the kernel"
says '^#0  schedule \(\) at ' "and shows where that is"
says '^#1  0x[0-9a-f]+ in [a-z_]+ \(' "and who called it"
says '= RUNNABLE$' "a process has a state that has a name"
says 'pgdir = 0x' "and other members"
says '^.3 = 1' "the processor's registers are those of the place"
says '\[Inferior 1 .* detached\]' "and be let go"
like "$(lguest list)" '^tiny .* running' "the guest runs on"

check "the guest can be dumped" lguest dump tiny tiny.core
gdb_says 'print current->state
print switches > 0
info registers eip' /tiny tiny.core
is $STATUS 0 "gdb opens the dump" || diag "$(tail -n 30 gdb.out)"
says '= (RUNNABLE|[A-Z]+)$' "and finds the processes' states"
says '^.2 = 1' "and what the kernel has counted"
says '^eip +0x' "and the registers"

echo poweroff >&5
exec 5>&-
wait $launcher
is $? 0 "the guest powers off" || diag "$(tail -n 5 err)"
check "the module unloads" unload_module lguest
done_testing
