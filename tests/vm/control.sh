# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The commands for guests that are running, with real guests.

. /vm/lib.sh

# start NAME PARAMETERS [OPTION]...: the guest "busy", with keys from NAME.keys
start() {
	rm -f "$1.keys"
	mkfifo "$1.keys"
	name=$1 params=$2
	shift 2
	empty "$name.out"
	lguest run -m 16M -k /tests/guests/busy --params "$params" --name "$name" "$@" \
		<> "$name.keys" > "$name.out" 2> "$name.err" &
	wait_for_line 30 "$name.out" '^busy'
}

# counter NAME COUNTER
counter() {
	lguest stat "$1" | awk -v line="$2:" '$1 == line { print $2 }'
}

# is_writing PID: a launcher's child
is_writing() {
	grep -q '_write' "/proc/$(child_of "$1")/wchan"
}

# unbound PATH: no process has a socket that was bound there
unbound() {
	! grep -qF "$1" /proc/net/unix
}

more_exits() {
	[ "$(counter "$1" exits)" -gt "$2" ]
}

mkdir -p /etc
printf '%s\n' root:x:0:0::/: nobody:x:65534:65534::/: somebody:x:1234:5678::/: > /etc/passwd
is "$(lguest list | wc -l)" 1 "at first there are no guests"
lguest stat one 2> err
is $? 1 "and none that could be asked"
like "$(cat err)" 'one: no such guest' "which is what is said"
check "the module loads" load_module lguest

start one calls
one=$!
is "$(lguest list | awk '$1 == "one" { print $2, $3, $4, $5 }')" \
	"$one running 16384K /tests/guests/busy" "a guest is listed"
is "$(stat -c %a "$SOCKETS")" 700 "nobody else gets at its socket"
check "its exits are counted" more_exits one "$(counter one exits)"
lguest run -k /guests/hello --name one 2> err > out
is $? 2 "its name is taken"
like "$(cat err)" 'a guest of that name is running' "and who wants it is told"
check "it is still there" lguest stat one
is "$(lguest list --json | tr -d '\n')" "[ {\"name\": \"one\", \"user\": \"root\", \
\"pid\": $one, \"state\": \"running\", \"memory\": 16777216, \"kernel\": \"/tests/guests/busy\"}]" \
	"list --json"
like "$(lguest stat --json one)" '^ \{"name": "one", .*"exits": [1-9][0-9]*[,}]' "stat --json"
lguest wait --timeout 0.1 one
is $? 124 "one can wait for it, but not long"

check "it can be paused" lguest pause one
is "$(counter one state)" paused "which can be seen"
exits=$(counter one exits)
switches=$(awk '/ctxt/ { n += $2 } END { print n }' /proc/$one/status)
echo > one.keys
usleep 500000
is "$(counter one exits)" "$exits" "it does not run"
is "$(awk '/ctxt/ { n += $2 } END { print n }' /proc/$one/status)" "$switches" \
	"its launcher sleeps"
unlike "$(cat one.out)" errors "it gets no key"
lguest wait one &
waiter=$!
wait_for 60 polls $waiter
check "it can be resumed" lguest resume one
wait $one
is $? 0 "then it takes the key and ends"
wait $waiter
is $? 0 "who waited for it knows that"
is "$(tail -n 1 one.out)" "0 errors" "not harmed"
is "$(ls -A "$SOCKETS")" "" "its socket is gone"

# Files of options, and a launcher that leaves.
printf '%s\n' '# a guest' 'kernel = /tests/guests/busy' 'params spin' 'mem 16M' 'name filed' > options
lguest run --config options --console file=filed.out --daemon < /dev/null > out 2>&1
is $? 0 "--daemon comes back when the guest runs"
is "$(cat out)" "" "and says nothing"
daemon=$(counter filed pid)
is "$(for fd in 0 1 2; do readlink "/proc/$daemon/fd/$fd"; done | sort -u)" /dev/null \
	"it keeps none of its caller's files"
is "$(cut -d ' ' -f 6 "/proc/$daemon/stat")" "$daemon" "it is a session of its own"
check "the guest's output is in a file" wait_for_line 30 filed.out '^busy'
lguest run --config options --daemon 2> err
is $? 2 "one that cannot start tells it by its status"
like "$(cat err)" 'a guest of that name is running' "and in words"
lguest wait filed &
waiter=$!
wait_for 60 polls $waiter
check "it can be stopped" lguest stop filed
wait $waiter
is $? 3 "and waited for"
lguest run --config options --dry-run -m 32M --disk nothing,ro > out
is $? 0 "--dry-run opens nothing"
is "$(head -n 3 out | tr '\n' ' ')" "kernel:	/tests/guests/busy release:	2.6.23 memory:	32768K " \
	"and says what would be run"
lguest run --config options --dry-run --initrd nothing 2> err
is $? 2 "but what is wrong"
lguest run --config nothing 2> err
is $? 2 "a file that is not there"
like "$(cat err)" 'nothing: No such file' "is named"

# A console in several places.
lguest run -m 16M -k /tests/guests/devices -p echo --console file=echo.out --console pty --daemon \
	--name echo 2> err
is $? 0 "a guest has its console in a file and at a pty"
pty=$(sed -n 's/.*the console is //p' err)
wait_for_line 30 echo.out ready
lguest wait echo &
waiter=$!
wait_for 60 polls $waiter
printf 'ab\004' > "$pty"
wait $waiter
is $? 0 "it takes what is typed there, and ends"
like "$(cat echo.out)" 'ab' "and its echo is in the file"

# A console at a socket, where one is at a time, and may go.
# is_socket FILE: which is for its user alone
is_socket() {
	[ -S "$1" ] && [ "$(stat -c %a "$1")" = 600 ]
}
for options in "" "--user somebody" "--no-seccomp"; do
	# shellcheck disable=SC2086 # words
	lguest run -m 16M -k /tests/guests/devices -p echo --console file=echo.out \
		--console unix:console --daemon --name echo $options 2> err
	is $? 0 "a guest has its console at a socket $options" || diag "$(cat err)"
	check "which is for its user alone" is_socket console
	wait_for_line 30 echo.out ready
	mkfifo keys
	empty one.out two.out
	visit console > one.out < keys &
	one=$!
	exec 5> keys
	check "who comes sees what was there" wait_for_line 30 one.out ready
	visit console > two.out < /dev/null &
	two=$!
	printf 'ab' >&5
	check "what is typed reaches the guest, whose echo is seen" wait_for_line 30 one.out ab
	check "and is in the file" grep -q ab echo.out
	is "$(cat two.out)" "" "another one has to wait"
	exec 5>&-
	kill $one
	wait $one
	check "until the first has gone" wait_for_line 30 two.out ab
	lguest run -k /guests/hello --console unix:console 2> err
	is $? 2 "no other guest gets that socket"
	like "$(cat err)" '^lguest: --console unix:console: somebody listens there' "as is said"
	kill $two
	wait $two
	lguest wait echo &
	waiter=$!
	wait_for 60 polls $waiter
	printf '\004' | visit console > one.out
	wait $waiter
	is $? 0 "the guest ends when it is told there"
	check "the socket is gone then" wait_for 60 test ! -e console
	rm keys
done
mkfifo console
lguest run -k /guests/hello --console unix:console 2> err
is $? 2 "what is no socket stays"
like "$(cat err)" 'which is no socket' "as is said"
check "(it is there)" test -p console
rm console
# Terminals that come to a guest without one, and go.
lguest run -m 16M -k /tests/guests/devices -p echo --daemon --name echo 2> err
is $? 0 "a guest has no console"
onpty ready ab ab ^Ad -- lguest attach echo > out
is $? 0 "a terminal comes to it, and goes" || diag "$(cat out)"
like "$(cat out)" 'terminal: restored' "as it was"
like "$(cat out)" 'echo goes on' "which is said"
check "the guest goes on" lguest stat echo
onpty ab ^Bx -- lguest attach --escape B echo > out
is $? 3 "the next can end it" || diag "$(cat out)"
like "$(cat out)" 'terminal: restored' "and is restored"
check "it is gone" wait_for 60 test ! -e "$SOCKETS"/echo
lguest run -m 16M -k /tests/guests/devices -p echo --daemon --name echo --console file=echo.out \
	--user somebody
printf 'ab\004' | lguest attach echo > out
is $? 0 "what is typed may come from a pipe; the guest's end is the end"
like "$(tr -d '\r' < out)" '^ab' "what it printed was seen"
is "$(tr -d '\r' < echo.out)" "$(tr -d '\r' < out)" "and is in its file"
lguest run -m 16M -k /tests/guests/devices -p echo --daemon --name echo
onpty ready !9 -- lguest attach echo > out
is $? 137 "one who is killed"
empty out
lguest attach echo > out < /dev/null &
waiter=$!
wait_for_line 30 out ready
lguest pause echo
lguest stop echo
wait $waiter
is $? 3 "is no matter, and who only looks has the guest's status"
lguest attach echo 2> err
is $? 1 "who comes too late"
like "$(cat err)" 'echo: no such guest' "is told"

for params in calls spin; do
	start "$params" $params
	check "a guest that does '$params' can be stopped" lguest stop "$params"
	wait $!
	is $? 3 "by the user, says its status"
	like "$(cat "$params.err")" 'stopped by the user' "and its launcher"
done
start paused spin
lguest pause paused
check "a paused guest can be stopped" lguest stop paused
wait $!
is $? 3 "by the user, too"
start paused spin
lguest pause paused
kill -TERM $!
wait $!
is $? 143 "or by a signal"

# A console that takes nothing: the launcher is in write(), for ever.
mkfifo full
lguest run -m 16M -k /tests/guests/devices -p slow --name full < /dev/zero 2> err 1<> full &
check "a launcher is stuck in writing to its console" wait_for 120 is_writing $!
lguest stat full > out
is $? 0 "it answers"
check "it can be stopped" lguest stop full
wait $!
is $? 3 "by the user"

empty out
lguest run -m 16M -k /tests/guests/busy -p spin --stats > out 2> err < full &
exec 5> full
check "a guest without a name" wait_for_line 30 out '^busy'
like "$(lguest list)" "^busy-$! " "has its kernel's, and the pid"
kill -KILL $!
wait $!
# (its child, which has the socket, too, ends a moment later)
wait_for 60 unbound "$SOCKETS/.$!"
check "a launcher that is killed leaves its socket" test -e "$SOCKETS"/busy-$!
is "$(lguest list | wc -l)" 1 "but it is not listed"
is "$(ls -A "$SOCKETS")" "" "and not there any more"
exec 5>&-
for sig in 6 15; do
	start one spin
	kill -$sig $!
	wait $!
	is "$(ls -A "$SOCKETS")" "" "after signal $sig there is no socket"
done
lguest run -k /bin/lguest --name one 2> /dev/null
is "$(ls -A "$SOCKETS")" "" "nor after a guest that could not start"

onpty 'is paused' '^Ax' -- sh -c '
	(until lguest pause tty 2> /dev/null; do usleep 10000; done; echo is paused) &
	exec lguest run -m 16M -k /tests/guests/busy -p spin --name tty' > out
is $? 3 "Ctrl-A x ends a paused guest, too"
like "$(cat out)" 'is paused' "(it was paused)"

start many spin
i=0
while [ $i -lt 50 ]; do
	lguest stat many > /dev/null &
	i=$((i + 1))
done
check "after fifty clients at a time it answers" lguest stat many
lguest stop many
wait

# What the launcher gives up.  status_of PID FIELD
status_of() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}
start free spin --no-seccomp
is "$(status_of $! Seccomp) $(status_of $! NoNewPrivs)" "0 0" "--no-seccomp restricts nothing"
lguest stop free
wait
mkdir -p empty
start caged calls --user somebody --chroot empty --stats
runner=$(child_of $!)
is "$(status_of "$runner" Seccomp) $(status_of "$runner" NoNewPrivs)" "2 1" \
	"a launcher's system calls are restricted"
is "$(status_of "$runner" Uid) $(status_of "$runner" Gid) $(status_of "$runner" Groups)" \
	"$(printf '1234\t1234\t1234\t1234 5678\t5678\t5678\t5678 ')" "it is who --user says"
is "$(readlink "/proc/$runner/root")" "$PWD/empty" "it is where --chroot says"
is "$(counter caged pid)" $! "it is listed by the number that its user knows"
check "its exits are counted all the same" more_exits caged "$(counter caged exits)"
lguest pause caged
lguest resume caged
echo > caged.keys
wait $!
is $? 0 "its guest runs, and ends well"
like "$(cat caged.err)" '^exits:' "--stats prints the host's counters" || diag "$(cat caged.err)"
is "$(ls -A "$SOCKETS")" "" "its socket is gone, although it could not remove it"
is "$(lguest list | wc -l)" 1 "and it is not listed any more"
for sig in 9 15; do
	start caged spin --user somebody
	kill -$sig "$(child_of $!)"
	wait $!
	is $? $((128 + sig)) "signal $sig ends such a launcher"
	is "$(ls -A "$SOCKETS")" "" "and it leaves no socket"
	like "$(cat caged.err)" "ended by signal $sig" "the supervisor says which"
done
start caged spin --user somebody --stats
kill -TERM $! "$(child_of $!)" $!
wait $!
is $? 143 "a signal to all processes ends such a launcher"
like "$(cat caged.err)" '^exits:' "which does what it has to do before"

# A restart is nothing that others must notice.
dd if=/dev/zero of=disk bs=1M count=4 2> /dev/null
timeout 60 lguest run -m 32M -k /guests/virtio-2.6.31 -d disk -p restart --name again \
	--user somebody --console file=printed < /dev/null 2> err
is $? 0 "a guest restarts, and ends" || diag "$(cat err)"
is "$(grep -c '^# restarting' printed)" 1 "what it printed before is in the file"
like "$(cat printed)" '^ok .*the disk remembers' "and what it printed then"
is "$(ls -A "$SOCKETS")" "" "its socket is gone"
dd if=/dev/zero of=disk bs=1M count=4 2> /dev/null
timeout 60 lguest run -m 32M -k /guests/virtio-2.6.31 -d disk -p restart --name again \
	--console file=printed --console unix:console < /dev/null 2> err &
again=$!
wait_for 30 test -S console
lguest attach again < /dev/null > out
is $? 0 "who is attached stays through a restart"
like "$(cat out)" '^ok .*the disk remembers' "and sees what comes then"
wait $again
is $? 0 "a guest that restarts keeps its socket" || diag "$(cat err)"
is "$(ls console 2> /dev/null)" "" "to the end"
is "$(grep -c '^# restarting' printed)" 1 "(it was restarted)"

# How it ends.  storm OPTION...: a guest that does nothing but restart
storm() {
	timeout 60 lguest run -m 32M -k /guests/virtio-3.11 -p storm "$@" < /dev/null > out 2> err
}
storm --restart-limit 3
is $? 1 "a guest that restarts again and again is given up"
like "$(cat err)" 'again and again, 4 times within 10 s' "as is said"
storm --no-seccomp -v
is $? 1 "so is one that no other process starts anew"
is "$(grep -c 'the guest restarts$' err)" 5 "after five times"
storm --no-restart
is $? 0 "--no-restart makes a restart an end"
is "$(cat err)" "lguest: the guest restarts (--no-restart)" "of which its user is told"
for options in "" --no-seccomp; do
	# shellcheck disable=SC2086 # none or one
	storm --restart-limit 0 --timeout 2.5 $options
	is $? 124 "--timeout $options ends a guest that restarts for ever"
	like "$(cat err)" 'its time was up' "as is said"
done
start late spin --timeout 1.5
lguest wait late
is $? 124 "it ends one that computes, and who waits for that knows it"
wait $!
start late spin --timeout 1.5
lguest pause late
wait $!
is $? 124 "one that is paused"
lguest run -m 16M -k /tests/guests/devices -p slow --name full --timeout 1 < /dev/zero 2> err 1<> full
is $? 124 "one whose output nobody takes"
lguest run -k /guests/hello --timeout 1h > out
is $? 0 "and none that ends before"

# Launchers that do not answer.
start stuck spin
stuck=$!
runner=$(child_of $stuck)
kill -STOP $stuck "$runner"
wait_for 60 stopped "$runner"
like "$(lguest list)" '^stuck .* silent ' "a launcher that does not answer is listed as silent"
lguest stop --timeout 1 stuck 2> err
is $? 1 "it cannot be stopped"
like "$(cat err)" 'stuck: has not ended in 1 s .*--kill' "and who tries is told what would help"
check "it can be killed" lguest stop --timeout 0 --kill stuck
wait $stuck
is $? 137 "which is what happened"
is "$(ls -A "$SOCKETS")" "" "and no socket is left"
# The parent, which has the name, ends after the child, which has answered.
for verb in stop wait attach; do
	start slow spin
	slow=$!
	runner=$(child_of $slow)
	kill -STOP $slow
	lguest $verb slow < /dev/null > out &
	waiter=$!
	wait_for 60 polls $waiter
	[ $verb = stop ] || kill -TERM "$runner"
	wait_for 60 zombie "$runner"
	check "$verb waits for the launcher" wait_for 10 polls $waiter
	kill -CONT $slow
	wait $waiter
	check "until the name is free" test ! -e "$SOCKETS"/slow
	wait $slow
done
lguest stop 2> err
is $? 2 "stop wants a name"
chmod 1777 /tmp
start mine spin
nobody lguest stop mine 2> err
is $? 1 "a guest of another user cannot be stopped"
like "$(cat err)" 'no such guest of yours' "nor seen"
nobody lguest list > out
is "$(wc -l < out)" 1 "nor listed"
check "its owner can see it" lguest stat mine
lguest stop mine
wait
# The filter of system calls looks at a launcher that is not root's, too.
chown 65534 /dev/lguest
sysctl -w vm.mmap_min_addr=0 > /dev/null
nobody lguest run -m 16M -k /tests/guests/busy -p spin --name his > his.out 2> his.err &
his=$!
wait_for_line 30 his.out '^busy'
check "root sees it" lguest stat his
is "$(lguest list | awk '/nobody/ { print $1 }')" nobody/his "and in the list, with its user"
check "and by that name" lguest stat nobody/his
start his spin
like "$(lguest stat his)" "^pid:[[:space:]]$!" "root's own comes first"
lguest stop his
for verb in stat pause resume stop; do
	nobody lguest $verb his > out 2> err
	is $? 0 "a user can $verb their own guest" || diag "$(cat err his.err)"
done
wait $his
is $? 3 "which ends as it was told"
chown 0 /dev/lguest
sysctl -w vm.mmap_min_addr=65536 > /dev/null
for option in "--user nemo" "--chroot /none"; do
	# shellcheck disable=SC2086 # two words
	lguest run -k /guests/hello $option 2> err
	is $? 2 "$option is refused"
	like "$(cat err)" "^lguest: $option: " "and the launcher says so"
done

check "the module unloads" unload_module lguest
done_testing
