# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The launcher with real guests: its errors, ends, console, disks, networks.

. /vm/lib.sh

DEVICES=/tests/guests/devices
if [ ! -e "$DEVICES" ]; then
	DEVICES=/tests/devices
fi

# devices PART [OPTION]...: the test guest
devices() {
	part=$1
	shift
	timeout 60 lguest run -m 16M -k $DEVICES --params "$part" "$@"
}

# in ticks, by the launcher and its parent
time_spent() {
	for launcher_pid in $(pidof lguest); do
		cat "/proc/$launcher_pid/stat"
	done | awk '{ n += $14 + $15 } END { print NR == 2 ? n : "not two processes" }'
}

# results_of NAME: pass on the TAP of a guest's part
results_of() {
	sed -n -E "s/^(ok|not ok) [0-9]+ - (.*)/\1 \2/p" out > results
	while read -r one two rest; do
		case $one in
		ok)
			pass "$1: $two $rest"
			;;
		*)
			fail "$1: $rest"
			;;
		esac
	done < results
	like "$(cat out)" '^1\.\.[0-9]+' "$1: the guest came to its end" || diag "$(cat err)"
}

like "$(lguest run -k /guests/hello 2>&1)" '/dev/lguest: .*load the module' \
	"without the module, the launcher says what to do"
# All that can be known before is said before: disk, network, console and the rest.
for wrong in "--disk nothing" "--net bogus" "--net tap=1.2.3.4/99" "--net bridge=nothing" \
	"--console bogus" "--share nothing" "--user nemo" "--chroot /none" "--initrd nothing"; do
	# shellcheck disable=SC2086 # two words
	lguest run -k /guests/hello-3.11 $wrong 2> err
	is $? 2 "without the module, $wrong is an error"
	unlike "$(cat err)" '/dev/lguest' "and not that of the module"
done
check "the module loads" load_module lguest

mv /dev/lguest node
lguest run -k /guests/hello 2> err
is $? 2 "no guest runs without the device's node"
like "$(cat err)" "the module is loaded: as root, mknod /dev/lguest c 10 $((0x$(stat -c %T node)))$" \
	"the launcher says that it is only the node that is missing"
mv node /dev/lguest

lguest run -m 16M -k /guests/hello --params "a b" > out 2> err
is $? 0 "a guest that powers off gives status 0"
like "$(cat out)" '^memory: 16 MB' "it has the memory"
like "$(cat out)" '^command line: a b$' "it has the command line"
is "$(cat err)" "" "the launcher is silent"
lguest 16 /guests/hello c --rn d -v -- -e > out 2> err
is $? 2 "the classic form refuses what its guest cannot have"
like "$(cat err)" 'guests of 2.6.23 have no such device' "and says so"
lguest 16 /guests/hello c -v d -- -e > out 2> err
like "$(cat out)" '^command line: c d -e$' "the classic form works"
like "$(cat err)" 'kernel: Linux 2.6.23' "and its options, wherever they are"
for form in --kernel -k run "--initrd large --kernel" "run -m 16"; do
	printf nothing > large
	# shellcheck disable=SC2086 # several words
	lguest $form /guests/hello-3.11 > out 2> err
	is $? 0 "'lguest $form KERNEL' runs it" || diag "$(cat err)"
done
like "$(lguest --version)" '2.6.23 to 3.19.* 6.1' "--version names the kernels"
lguest run --kernl /guests/hello 2> err
is $? 2 "an option that does not exist"
like "$(cat err)" 'did you mean --kernel' "is explained"
lguest run -k /guests/hello --stats 2>&1 > /dev/null | grep -c '^exits:' > count
is "$(cat count)" 1 "--stats prints the host's counters"
most=$(possible_memory /guests/hello)
lguest run -m "${most}M" -k /guests/hello > out 2> err
case $? in
0)
	like "$(cat out)" "^memory: $most MB" "a guest with the most memory there can be"
	;;
*)
	like "$(cat err)" "not enough memory" "a guest that the host has no memory for"
	;;
esac
devices nonsense > out 2> err
is $? 1 "a guest that crashes gives status 1"
like "$(cat err)" 'the guest died: CRASH: .*no such part: nonsense' "the reason is told"
unlike "$(cat err)" 'what it printed' "but not what was to be seen"
devices nonsense --console none 2> err
like "$(cat err)" '^lguest: . .*no such part' "if nobody has seen it, what it printed is told"
lguest run -k /bin/lguest 2> err
is $? 2 "what is no guest gives status 2"
tr G H < /guests/hello > kernel
like "$(lguest run -k kernel 2>&1)" 'not an lguest guest' "a kernel without lguest is recognised"
lguest run -m 1M -k /guests/hello 2> err
is $? 2 "so does a kernel that is too large for the memory"
like "$(cat err)" 'needs at least 2 MiB' "and the launcher says how much it needs"
dd if=/dev/zero of=large bs=1M count=8 2> /dev/null
lguest run -m 4M -k /guests/hello --initrd large 2> err
is $? 2 "and an initial ramdisk that is larger than the memory"
like "$(cat err)" 'hello with large: does not fit in memory: it needs at least 10 MiB' "likewise"
# shellcheck disable=SC3045 # the VM's shell knows it
(ulimit -v 200000; lguest run -m 1G -k /guests/hello-3.11) 2> err
is $? 2 "so does a memory that cannot be had"
like "$(xargs < err)" 'no addresses for a guest of 1024 MiB .*use a smaller --mem: [0-9]+M is possible' "as is said"
possible=$(sed -n 's/.*: \([0-9]*M\) is possible/\1/p' err)
# shellcheck disable=SC3045 # the VM's shell knows it
(ulimit -v 200000; lguest run -m "${possible:-1G}" -k /guests/hello-3.11) > /dev/null 2> err
is $? 0 "and how much is possible" || diag "$possible: $(cat err)"
lguest run -k /guests/hello --disk nothing 2> err
is $? 2 "so does a disk that is not there"
like "$(cat err)" 'nothing: No such file' "which is named"
cp /guests/hello kernel
printf '\002' | dd of=kernel bs=1 seek=4 conv=notrunc 2> /dev/null
like "$(lguest run -k kernel 2>&1)" '64-bit' "a 64-bit kernel is recognised"
dd if=/guests/hello of=kernel bs=4096 count=2 2> /dev/null
like "$(lguest run -k kernel 2>&1)" 'cut off' "half a kernel is recognised"

# Packed kernels.  u32 FILE OFFSET; put TEXT OFFSET: into the file bzImage
u32() {
	od -An -v -tu4 -j "$2" -N 4 "$1" | tr -d ' '
}
put() {
	printf '%b' "$1" | dd of=bzImage bs=1 seek="$2" conv=notrunc 2> /dev/null
}
gzip -c /guests/hello > kernel.gz
like "$(lguest run -m 16M -k kernel.gz 2>&1)" '^memory: 16 MB' "a kernel compressed by gzip boots"
printf '\050\265\057\375 nonsense' > kernel
like "$(lguest run -k kernel 2>&1)" 'install zstd' "a program that unpacks is missing"
# 2.6.23's: what is in the segments, which are in the file as they are in memory
hello_end=$(($(u32 /guests/hello 88) + $(u32 /guests/hello 100)))
head -c $hello_end /guests/hello | tail -c +$(($(u32 /guests/hello 56) + 1)) > raw
dd if=/dev/zero of=bzImage bs=1555 count=1 2> /dev/null
put '\001' $((0x1f1))
put 'HdrS\006\002' $((0x202))
gzip -c raw >> bzImage
put "$(printf '\\x%02x' $(($(wc -c < bzImage) - 1555 & 255)) $(($(wc -c < bzImage) - 1555 >> 8)) 0 0)" 1551
cat /guests/hello >> bzImage
lguest run -m 16M -k bzImage > out 2> err
is $? 0 "a bzImage as of 2.6.23 boots" || diag "$(cat err)"
like "$(cat out)" '^memory: 16 MB' "and does what the kernel in it does"

head -c 10000 $DEVICES > initrd
(cat initrd; dd if=/dev/zero bs=$((12288 - 10000)) count=1 2> /dev/null) > padded
for size in 16M 5000K; do
	devices initrd --initrd initrd -m $size > out
	check "a guest of $size gets its initrd, and zeroes after it" cmp padded out
done

# Somebody who is not root.
chmod 755 /tmp
nobody lguest run -k /guests/hello 2> err
is $? 2 "who may not map address 0 cannot run guests"
like "$(cat err)" 'CAP_SYS_RAWIO.*mmap_min_addr' "the launcher says what to do"
sysctl -w vm.mmap_min_addr=0 > /dev/null
nobody lguest run -k /guests/hello 2> err
is $? 2 "nor may who has no right to the device"
like "$(cat err)" '/dev/lguest: Permission denied' "the launcher says that, too"
chown 65534 /dev/lguest
nobody lguest run -k /guests/hello > out 2> err
is $? 0 "who has both rights can"
like "$(cat out)" 'Hello' "and the guest runs"
chown 0 /dev/lguest
sysctl -w vm.mmap_min_addr=65536 > /dev/null

# Console input by a pipe: more than all buffers, to a quick guest and a slow one.
seq 1 5000 > input
for part in echo slow; do
	(cat input; printf '\004') | devices $part > out
	grep -v ready out > got
	check "piped input reaches the $part guest whole and in order" cmp input got
done
(sleep 1; printf '\004') | devices echo > /dev/null &
wait $!
is $? 0 "input that comes late is taken"
empty out
devices echo < /dev/null > out 2>&1 &
pid=$!
check "at the end of the input, the guest goes on" wait_for_line 60 out ready
start=$(time_spent)
usleep 500000
check "and the launcher sleeps" test $(($(time_spent) - start)) -lt 10
# shellcheck disable=SC2046 # two processes
kill -TERM $(pidof lguest)
wait $pid
is $? 143 "SIGTERM ends it, with its status"
unlike "$(cat out)" died "and not as a crash"
seq 1 100000 | devices slow 2> err | head -n 1 > out
is "$(cat out)" 1 "output that nobody wants ends the launcher"
wait_for 60 sh -c '! pidof lguest'

# A terminal.
onpty ready '^Ax' -- lguest run -m 16M -k $DEVICES -p echo > out
is $? 3 "Ctrl-A x ends a guest with status 3"
like "$(cat out)" 'terminal: restored' "and restores the terminal"
onpty ready '^Ah' 'Ctrl-A x' 'a^A^Ab^Aqc^M' 'bc' '^D' -- \
	lguest run -m 16M -k $DEVICES -p echo > out
is $? 0 "Ctrl-A h is no end"
check "Ctrl-A Ctrl-A is for the guest" grep -q "$(printf 'a\001bc')" out
onpty ready '^C^C^C^C^C^C' 'Ctrl-A x ends it' 'still here^M' 'still here' '^D' -- \
	lguest run -m 16M -k $DEVICES -p echo > out
is $? 0 "^C, hammered, is for the guest"
is "$(grep -c 'Ctrl-A x ends it' out)" 1 "and the user is told, once, what ends it"
for sig in 1 2 3 15 6 11; do
	onpty ready "!$sig" -- lguest run -m 16M -k $DEVICES -p echo > out
	is $? $((128 + sig)) "signal $sig ends the launcher"
	like "$(cat out)" 'terminal: restored' "and the terminal is restored"
done
# In the background, where it has no keys; and then in the foreground, where it has.
onpty '# ' "lguest run -m 16M -k $DEVICES -p echo &^M" ready 'fg^M' 'lguest run' '!raw' '' 'ab^D' \
	'# ' 'exit^M' -- sh -i > out
is $? 0 "a guest runs in the background, and comes to the foreground"
like "$(cat out)" 'not in the foreground of this terminal' "its user is told why it had no keys"
like "$(cat out)" 'terminal: restored' "and the terminal is restored"
onpty -- sh -c 'set -m; lguest run -k /guests/hello < /dev/tty & wait $!' > out
is $? 0 "a guest runs and ends in the background, as by timeout(1) in a script"
like "$(cat out)" 'Hello' "its output is seen"
for way in 'trap "" HUP; set -m; lguest run -k /guests/hello & wait $!' \
	'set -m; timeout 60 lguest run -k /guests/hello-3.11 & wait $!' \
	'setsid lguest run -k /guests/hello; exit $?' \
	'echo /guests/hello-3.11 | xargs lguest run -k'; do
	onpty -- sh -c "$way" > out
	is $? 0 "a guest runs by '$way'" || diag "$(cat out)"
	like "$(cat out)" 'terminal: restored' "and the terminal is as it was"
done
onpty -- lguest run -m 16M -k $DEVICES -p nonsense > out
is $? 1 "a guest crashes on a terminal"
like "$(cat out)" 'terminal: restored' "which is restored"

# Disks.
dd if=/dev/zero of=disk bs=9000 count=1 2> /dev/null
printf begin | dd of=disk conv=notrunc 2> /dev/null
printf end | dd of=disk bs=1 seek=8997 conv=notrunc 2> /dev/null
yes r | tr -d '\n' | head -c 4096 > ro.img
md5sum ro.img > sum
devices disk --disk disk --disk ro.img,ro > out 2> err
is $? 0 "disks"
results_of disk
check "a read-only file is as before" md5sum -c sum
is "$(dd if=disk bs=512 skip=9 count=1 2> /dev/null | tr -d i)" "" "what was written is in the file"
empty out
devices echo --disk disk < /dev/null > out 2>&1 &
wait_for_line 60 out ready
lguest run -k /guests/hello --disk disk 2> err
is $? 2 "a disk that is in use is refused"
like "$(cat err)" 'in use' "and the launcher says so"
# shellcheck disable=SC2046 # two processes
kill -TERM $(pidof lguest)
wait

devices mad --disk disk > out 2> err
is $? 0 "a hostile guest"
results_of mad
unlike "$(cat out)" 'never seen' "mad: nothing bad was printed"
check "mad: the launcher complains little" test "$(wc -l < err)" -lt 6

# Networks.
start_modules tun
mkfifo keys
empty out
devices pong --net tap=192.168.19.1/24 < keys > out 2> err &
exec 5> keys
if check "a guest with a tap starts" wait_for_line 60 out ready; then
	check "its host can ping it" ping -c 3 -W 10 192.168.19.2
	check "its host can ping it with large packets" ping -c 3 -W 10 -s 1400 192.168.19.2
else
	diag "$(cat err)"
fi
printf '\004' >&5
exec 5>&-
wait
is "$(ip link | grep -c tap)" 0 "its tap goes away with it"

devices receive --net share=net > receive.out 2>&1 &
wait_for_line 60 receive.out ready
devices send --net share=net > send.out 2>&1
wait
like "$(cat receive.out)" 'received 1000 frames' "frames go from guest to guest" || diag "$(cat send.out)"
like "$(cat receive.out)" 'slot 0' "the first guest has the first slot"
like "$(cat send.out)" 'slot 1' "the second guest has the second slot"
is "$(wc -c < net)" 4096 "the file of the network is one page"
is "$(tr -d '\000' < net)" "" "nobody is left in it"

check "the module unloads" unload_module lguest
done_testing
