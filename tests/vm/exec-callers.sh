# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Commands that a guest runs for its launcher, which others have started: cron, a server
# of sockets, xargs, a shell's background job, and who ends all processes at once.
# shellcheck disable=SC2016 # that is for the guest's shell

. /vm/lib.sh

mkdir -p /etc
echo 'root:x:0:0::/:/bin/sh' > /etc/passwd

# in_guest COMMAND...: the file that does this, as a program, and says its status in another
in_guest() {
	cat > program <<- END
		#!/bin/sh
		cd $PWD
		lguest run -m 64M -k /guests/linux -i /guests/linux.initrd -p quiet -- $*
		echo "status \$?" > status
	END
	chmod 755 program
	rm -f status
}

ended() {
	check "$2: it ends" wait_for_line 100 status '^status'
	is "$(cat status)" "status $1" "$2: as it should"
}

check "the module loads" load_module lguest

# cron: nothing to read, no terminal, and few variables.  (Its next minute is soon.)
in_guest "sh -c 'read word; echo \"<\$word>\"; echo complained >&2; exit 3' > out 2> err"
mkdir crontabs
echo "* * * * * $PWD/program" > crontabs/root
date -s "$(date '+%Y-%m-%d %H:%M:57')" > /dev/null
env -i PATH="$PATH" crond -f -c "$PWD/crontabs" -L cron.log &
cron=$!
wait_for 100 test -e status
kill $cron
ended 3 "cron" || diag "$(cat cron.log err)"
is "$(cat out)" "<>" "cron: the command reads nothing"
is "$(cat err)" complained "cron: and nothing else is said"
nobody_is_left "cron"

# A server, as inetd or an ssh without a terminal: all three streams are a socket.
ip link set lo up
head -c 300000 /dev/urandom > input
in_guest cat
nc -l -p 99 -e ./program &
wait_for 60 sh -c 'nc 127.0.0.1 99 < input > out'
ended 0 "a socket"
check "a socket: all comes back" cmp input out
in_guest yes
nc -l -p 98 -e ./program &
wait_for 60 sh -c 'nc 127.0.0.1 98 | head -n 1 > out; test -s out'
ended 141 "a socket whose other end goes away"
is "$(cat out)" y "a socket whose other end goes away: it had what it wanted"
nobody_is_left "sockets"

# xargs: several at a time.
in_guest 'expr 5 + "$@"'
seq 3 | timeout 200 xargs -n 1 -P 3 ./program > out
is "$(sort out | tr '\n' ' ')" "6 7 8 " "xargs: three at a time"
nobody_is_left "xargs"

# Who ends a service: all of its processes at once, each for itself.
in_guest 'sh -c "echo ready; exec sleep 1000" > out'
empty out
setsid ./program &
check "a service runs" wait_for_line 100 out '^ready'
# shellcheck disable=SC2046 # several words
kill -TERM $(pidof lguest)
ended 143 "a service that is ended"
nobody_is_left "a service"

# A job in the background of a shell with a terminal may not read that, and need not.
in_guest 'echo done'
onpty -- sh -c 'set -m; ./program & wait $!; stty -a' > out
like "$(cat out)" '^done' "a job in the background" || diag "$(cat out)"
like "$(cat out)" ' icanon' "a job in the background: the terminal is as it was"
ended 0 "a job in the background"
nobody_is_left "a job in the background"
check "the module unloads" unload_module lguest
done_testing
