# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The small guests at their work: hello, the library's own test, and tiny with
# its processes, its disk that survives the power switch, and its console.
# FORMAT is the end of the guests' names: -pae or nothing, after an era or none.

. /vm/guest-tap.sh

FORMAT=${FORMAT:-}

# boot NAME [OPTION...]: tiny on its disk, with the commands of the input
boot() {
	boot_name=$1
	shift
	timeout 100 lguest run --kernel "/guests/tiny$FORMAT" --disk disk.img "$@" \
		> "$boot_name.out" 2> "$boot_name.err"
	echo $? > "$boot_name.status"
}

# judge NAME: the results that each boot must have
judge() {
	is "$(cat "$1.status")" 0 "$1: tiny powers off" ||
		diag "$(tail -n 5 "$1.out" "$1.err")"
	unlike "$(cat "$1.out")" 'FAIL|dying' "$1: nothing failed"
	check "$1: the file system is sound" /guests/mkfs.tiny disk.img check
}

check "the module loads" load_module lguest
lguest run --mem 8M --kernel "/guests/hello$FORMAT" > hello.out
is $? 0 "hello powers off"
like "$(cat hello.out)" '^Hello from a guest in ring 1' "and says hello"
guest_tests "library$FORMAT"

cp /guests/tiny.img disk.img
boot first --mem 32M < /guests/tiny-demo-1.txt
judge first
like "$(cat first.out)" '^forktest: 16 children came and went' "processes come and go"
like "$(cat first.out)" '^hog: preempted' "the clock takes the CPU from a hog"
like "$(cat first.out)" '^fpu: .* are private' "processes have FPU registers of their own"
like "$(cat first.out)" '^tiny: crash .* killed: page fault' "a bad program dies alone"
like "$(cat first.out)" '^primes: 17984 below 200000, checksum 0356588f' \
	"a program computes in the background"
boot second --mem 32M < /guests/tiny-demo-2.txt
judge second
like "$(cat second.out)" '^this note survives the power switch' \
	"a file survives the power switch"

boot selftest --mem 16M <<END
selftest
selftest
poweroff
END
judge selftest
is "$(grep -c '^selftest: all passed' selftest.out)" 2 "tiny's selftest passes twice"

# Code on the stack: a page that may not be run, if that means anything here.
trap='undefined instruction'
case $FORMAT in
*-pae)
	! no_execute || trap='page fault'
	;;
esac
boot stack --mem 16M <<END
crash stack
poweroff
END
judge stack
like "$(cat stack.out)" "^tiny: crash .* killed: $trap" "code on the stack: $trap"

# The counter of exits must not see system calls: what a boot costs, and the
# clock while it lasts, is some thousands, whether there are few calls or many.
exits_of() {
	sed -n 's/^exits:[[:space:]]*//p' "$1.err"
}
for calls in 1000 1000000; do
	printf 'syscalls %s\npoweroff\n' $calls | boot "calls-$calls" --mem 16M --stats
	judge "calls-$calls"
	like "$(cat "calls-$calls.out")" "^syscalls: $calls calls" "$calls system calls are made"
done
diag "exits: $(exits_of calls-1000) with 1000 calls, $(exits_of calls-1000000) with 1000000"
check "a system call is no exit" \
	test "$(exits_of calls-1000000)" -lt $(($(exits_of calls-1000) + 100000))

# How much memory there is must not matter, even if it is more than the host's.
echo 1 > /proc/sys/vm/overcommit_memory
most=$(possible_memory "/guests/hello$FORMAT")
[ "$most" -lt 2000 ] || most=2000
for mem in 4M 1000M "${most}M"; do
	boot "memory-$mem" --mem "$mem" <<-END
		cowtest
		poweroff
	END
	judge "memory-$mem"
done

# Keys one by one: editing, and control-C on a program that would not end.
keys() {
	printf 'ecxx\b\177ho a\tb # no\r'
	printf 'spin 100000\n'
	wait_for_line 60 keys.out 'spin 100000'
	# (not before it runs, which nothing tells)
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		printf '\003'
		! wait_for_line 2 keys.out 'sh: killed' || break
	done
	printf 'poweroff\n'
}
keys | boot keys --mem 16M
judge keys
like "$(cat keys.out)" '^a b' "the line editor edits"
like "$(cat keys.out)" '^sh: killed' "control-C stops a program"

# The plug is pulled in the middle of work: the disk must stay sound.
cat > plug.in <<END
filetest 400 &
primes > a
sync
filetest 200 &
rm a
filetest
END
for i in 1 2 3 4 5 6; do
	empty plug.out
	lguest run --mem 16M --kernel "/guests/tiny$FORMAT" --disk disk.img \
		< plug.in > plug.out 2>&1 &
	pid=$!
	check "power failure $i: tiny is at work" wait_for_line 30 plug.out 'rm a'
	usleep $((i * 30000))
	# (who waits for its parent has waited for it, too, but not the other way round)
	kill -KILL "$(child_of $pid)"
	wait $pid 2> /dev/null
	check "power failure $i: the file system is sound" \
		/guests/mkfs.tiny disk.img check
done
check "the module unloads" unload_module lguest
done_testing
