# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Commands that a guest runs for its launcher (lguest run ... -- COMMAND): what they get,
# what comes back, and all the ways in which that can end.
# shellcheck disable=SC2016 # that is for the guest's shell

. /vm/lib.sh

export RAMDISK=/guests/linux.initrd

# begin OPTION... -- COMMAND...: $! is its launcher; its output is in the files out and err
begin() {
	empty out err
	lguest run -m 96M -k /guests/linux -i $RAMDISK -p quiet "$@" > out 2> err < /dev/null &
}

# ends STATUS NAME OPTION... -- COMMAND...
ends() {
	status=$1 name=$2
	shift 2
	timeout 100 lguest run -m 96M -k /guests/linux -i $RAMDISK -p quiet "$@" > out 2> err
	is $? "$status" "$name" || diag "$(tail -n 20 out err)"
}

# ended STATUS NAME: the last launcher in the background
ended() {
	wait $!
	is $? "$1" "$2" || diag "$(tail -n 20 out err)"
}

check "the module loads" load_module lguest
# What a command gets.
set -- 'two words' '' "it's" 'a "quoted" \word' '$HOME' '*' '+' '-- -n' '%41' ' ' \
	"$(printf 'two\nlines')" "$(printf '\001\377\303\244\t')" ''
ends 0 "a command runs" -- printf '<%s>\n' "$@" < /dev/null
printf '<%s>\n' "$@" > wanted
check "it has its arguments as they are" cmp out wanted
is "$(cat err)" "" "nothing else is said"

ends 7 "its status is the launcher's" --params loglevel=7 --console file=log -- \
	sh -c 'echo said; echo complained >&2; exit 7' < /dev/null
is "$(cat out)" said "its output is the launcher's"
is "$(cat err)" complained "so are its complaints, by themselves"
like "$(cat log)" 'Linux version' "the kernel's messages are elsewhere"
ends 4 "one whose caller has closed its input" -- sh -c 'read word; echo "<$word>"; exit 4' <&-
is "$(cat out)" "<>" "reads none"

ends 127 "one that there is not has its status" -- not-here 7 < /dev/null
is "$(cat err)" "lguest: not-here: No such file or directory" "and is named"

# Streams.
head -c 4194304 /dev/urandom > input
start=$(uptime_cs)
ends 0 "four megabytes go in and come back" -- sh -c 'tee /dev/stderr' < input
diag "that took $(($(uptime_cs) - start)) hundredths of a second"
check "as they were" cmp out input
check "by both ways" cmp err input
printf 'no end of line' > some
ends 0 "input that ends first" -- sh -c 'cat; echo " after"' < some
is "$(cat out)" "no end of line after" "ends for the command, too"
mkfifo endless
yes > endless &
ends 3 "input that nobody reads keeps no one" -- sh -c 'head -n 1; exit 3' < endless
is "$(cat out)" y "when what is wanted was read"

{
	lguest run -m 96M -k /guests/linux -i $RAMDISK -- sh -c 'yes; echo $? >&2' 2> err < /dev/null
	echo $? > status
} | head -n 1 > out
is "$(cat out)" y "a reader that goes away has what it wants"
is "$(cat status) $(cat err)" "0 141" "the writer is told, as in a pipe"

# Each stream by itself: the slow reader comes when the rest is done.
mkfifo slow
exec 5<> slow
empty err
lguest run -m 96M -k /guests/linux -i $RAMDISK -- sh -c 'seq 1 60000 & echo ready >&2; wait' \
	> slow 2> err < /dev/null &
check "who does not read one stream does not stop the other" wait_for_line 60 err '^ready'
exec 6< slow 5>&-
seq 1 60000 > wanted
cat <&6 > out
exec 6<&-
ended 0 "a slow reader"
check "gets all" cmp out wanted

# Signals.
begin -- sh -c 'trap "echo heard; exit 5" TERM; echo ready; while :; do sleep 1; done'
wait_for_line 60 out '^ready'
kill -TERM $!
ended 5 "a signal goes to the command"
like "$(cat out)" '^heard' "which may do something about it"
begin -- sh -c 'trap "echo ignored" TERM; echo ready; while :; do sleep 1; done'
wait_for_line 60 out '^ready'
kill -TERM $!
wait_for_line 30 out '^ignored'
usleep 1100000	# (it is a second that makes it another one)
kill -TERM $!
ended 122 "one more, later, ends the guest"
like "$(cat err)" 'the user ended the guest before' "which is said"

# How else it ends.
ends 120 "a guest that panics" -- \
	sh -c 'echo said last; echo c > /proc/sysrq-trigger; sleep 100' < /dev/null
is "$(cat out)" "said last" "has said what its command had said"
like "$(cat err)" 'Kernel panic' "has its last words on standard error"
like "$(tail -n 1 err)" 'the guest died before its command had ended' "and what that means"
ends 121 "one that restarts" -- sh -c 'echo said last; exec reboot -f' < /dev/null
is "$(cat out)" "said last" "has, too"
like "$(tail -n 1 err)" 'restarted before its command' "is not started anew"
ends 124 "one whose time is up, be it before its command runs" --timeout 5 -- sleep 1000 < /dev/null
lguest run -k /bin/busybox -i $RAMDISK -- true 2> err
is $? 125 "what is no kernel"
lguest run -k /guests/hello-2.6.34 -i $RAMDISK -- true 2> err
is $? 125 "a kernel that can have no agent" || diag "$(cat err)"
like "$(cat err)" 'before 2.6.35 have no ports' "is named so"
timeout 60 lguest run -k /guests/hello-3.11 -i $RAMDISK -- true > out 2> err < /dev/null
is $? 123 "one that does not start it" || diag "$(cat err)"
like "$(tail -n 1 err)" 'agent did not start' "is, too"
lguest run -k /guests/linux -i $RAMDISK --daemon -- true 2> err
is $? 125 "a command of nobody's" || diag "$(cat err)"
lguest run -k /guests/linux -i $RAMDISK -- 2> err
is $? 125 "no command" || diag "$(cat err)"
is "$(ls -A "$SOCKETS")" "" "nothing is left"

# A terminal, which has 33 rows of 99 characters at first.
cat > terminal << 'END'
stty rows 33 cols 99
tty > name
exec lguest run -m 96M -k /guests/linux -i $RAMDISK -p quiet -- sh -c "$1"
END
resize() {
	wait_for_line 60 out '^<word>' && stty -F "$(cat name)" rows 44 cols 111
}
empty out
resize &
TERM=vt52 onpty ready 'word^M' '<word>' '' -- sh terminal '
	stty size; echo "$TERM"; trap "stty size; exit 9" WINCH; echo ready; read word
	echo "<$word>"; while :; do sleep 1; done' > out
is $? 9 "a command on a terminal" || diag "$(cat out)"
tr -d '\r' < out > out.lines
like "$(cat out.lines)" '^33 99$' "has its size"
like "$(cat out.lines)" '^vt52$' "and its kind"
like "$(cat out.lines)" '^44 111$' "and hears of a new size"
like "$(cat out.lines)" '^terminal: restored' "in the end it is as it was"
onpty ready '^C' -- sh terminal 'echo ready; exec sleep 1000' > out
is $? 130 "^C is for the command" || diag "$(cat out)"
onpty ready '^Ax' -- sh terminal 'echo ready; exec sleep 1000' > out
is $? 122 "Ctrl-A x ends the guest" || diag "$(cat out)"
like "$(cat out)" '^terminal: restored' "and gives the terminal back"

# Whoever is killed.
cat > killed << 'END'
lguest run -m 96M -k /guests/linux -i $RAMDISK -p quiet -- sh -c 'echo ready; exec sleep 1000'
echo "status $?"
while stty -a | grep -q -e -icanon; do usleep 50000; done
END
empty out
(wait_for_line 60 out '^ready' && kill -KILL "$(lguest list | awk 'NR == 2 { print $2 }')") &
onpty -- sh killed > out
like "$(cat out)" '^status 137' "a launcher that is killed on a terminal" || diag "$(cat out)"
like "$(cat out)" '^terminal: restored' "gives it back"
nobody_is_left "after that"
begin -- sh -c 'echo ready; exec sleep 1000'
wait_for_line 60 out '^ready'
kill -KILL "$(child_of $!)"
ended 125 "if the launcher's child is killed, the launcher has failed"
nobody_is_left "after its child is killed"

# Further commands in a guest.  further STATUS NAME COMMAND...: in the one called first
further() {
	status=$1 name=$2
	shift 2
	timeout 60 lguest shell first -- "$@" > said 2> complaints
	is $? "$status" "$name" || diag "$(tail -n 20 said complaints)"
}

mkfifo keys
exec 7<> keys
empty out
lguest run -m 96M -k /guests/linux -i $RAMDISK --name first -- \
	sh -c 'echo ready; read word; exit 3' <&7 > out 2> err &
first=$!
check "a guest runs a command" wait_for_line 60 out '^ready'
further 7 "and another one" sh -c 'cat; echo bad >&2; exit 7' < some
is "$(cat said)" "no end of line" "which has its own streams"
is "$(cat complaints)" bad "all of them"
further 0 "it is a child of the agent's" cat /proc/1/comm < /dev/null
is "$(cat said)" lguest-agent "which is the first process"
further 0 "megabytes go in and out" cat < input
check "as they were" cmp said input
further 127 "one that there is not" not-here < /dev/null
further 126 "one that cannot be run" /etc/passwd < /dev/null
is "$(cat complaints)" "lguest: /etc/passwd: Permission denied" "with the reason"
further 137 "one that is killed has 128 and the signal" sh -c 'kill -9 $$' < /dev/null
cat > shell << 'END'
stty rows 33 cols 99
exec lguest shell first
END
onpty '# ' 'stty size^M' '33 99' 'exit 9^M' -- sh shell > out.shell
is $? 9 "a shell on a terminal" || diag "$(cat out.shell)"
like "$(cat out.shell)" '^terminal: restored' "which is given back"
onpty '# ' '^Ax' -- sh shell > out.shell
is $? 122 "which one can leave" || diag "$(cat out.shell)"
like "$(cat out.shell)" '^terminal: restored' "with the terminal as it was"
lguest shell first -- sh -c 'echo $$ > /tmp/pid; echo ready; exec sleep 1000' \
	> said.killed < /dev/null &
wait_for_line 30 said.killed '^ready'
kill -KILL $!
further 0 "if its client is killed, it is hung up on" \
	sh -c 'while kill -0 $(cat /tmp/pid); do usleep 100000; done' < /dev/null
nobody lguest shell first -- true 2> complaints
is $? 125 "nobody else can run one"
like "$(cat complaints)" 'no such guest of yours' "or sees the guest"
lguest shell first -- sh -c 'echo ready; exec sleep 1000' > said.late 2> complaints < /dev/null &
late=$!
wait_for_line 30 said.late '^ready'
echo word >&7
wait $first
is $? 3 "the guest ends with the first" || diag "$(cat err)"
wait $late
is $? 121 "and so does what runs" || diag "$(cat complaints)"
like "$(cat complaints)" 'first: the guest, or its agent, ended before the command' "as is said"

# A guest with an init of its own, which starts the agent.
lguest run -m 96M -k /guests/linux -i $RAMDISK --agent --name second --daemon \
	--params "quiet $(run_parameter /lguest-agent)" 2> err
is $? 0 "a guest without a command" || diag "$(cat err)"
check "runs one when its agent was started" wait_for 60 lguest shell second -- true
echo 'echo $0; exec poweroff -f' | lguest shell second > said 2> complaints
is "$?" 121 "or ends by one" || diag "$(cat complaints)"
is "$(cat said)" /bin/sh "which is a shell"
check "it has ended" wait_for 30 sh -c '! pidof lguest'
empty out
lguest run -m 16M -k /tests/guests/busy -p spin --name without > out 2> err <&7 &
wait_for_line 30 out '^busy'
lguest shell without -- true 2> complaints
is $? 125 "there is none in a guest without an agent"
like "$(cat complaints)" "without: .*'lguest run --agent'" "whose cure is said"
lguest stop without

check "the module unloads" unload_module lguest
done_testing
