# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The console of Linux as a guest.  Its driver throws away what comes before it is a
# console, and waits awake until what it prints is taken: so input must come whole,
# when somebody says something first and when nobody does, and much output soon.

. /vm/lib.sh

# The first process: $does, from the kernel's command line, says what.
cat > first << 'END'
#!/bin/busybox sh
busybox stty -echo
case $does in
listen)
	busybox md5sum
	;;
ask)
	echo "say something"
	busybox md5sum
	;;
print)
	busybox cat /bin/text
	;;
size)
	was=
	while [ "$was" != '50 132' ]; do
		now=$(busybox stty size)
		[ "$now" = "$was" ] || echo "size is $now."
		was=$now
		busybox usleep 50000
	done
	;;
esac
busybox poweroff -f
END

# linux DOES [WORD...]: what it prints is in the file out.lines
linux() {
	does=$1
	shift
	timeout 100 lguest run --mem 64M --kernel /guests/linux --initrd initrd \
		--params "rdinit=/bin/first does=$does $*" > out 2> err
	status=$?
	tr -d '\r' < out > out.lines
}

hears_all() {
	name=$1
	shift
	(cat input; printf '\004') | linux "$@"
	like "$(cat out.lines)" "$sum  -" "$name: input comes whole and in order" ||
		diag "$(tail -n 20 out.lines err)"
}

check "the module loads" load_module lguest
seq 1 20000 > input
sum=$(md5sum < input | cut -d ' ' -f 1)
yes 'a line of sixty-four characters, with the one at its end, is 64' |
	head -n 16384 > text
chmod 755 first
mkdir -p ramdisk/bin
cp text ramdisk/bin/
initrd_with first

hears_all "a kernel that talks" listen
hears_all "a kernel that says nothing" listen quiet
hears_all "a program that asks" ask quiet
printf 'echo first; echo se""cond\npoweroff -f\n' |
	timeout 100 lguest run --mem 64M --kernel /guests/linux --initrd /guests/linux.initrd \
		--params quiet > out 2> err
is $? 0 "a shell whose input is piped ends" || diag "$(tail -n 20 out err)"
like "$(tr -d '\r' < out)" '^second' "and does what it is told"

linux print quiet < /dev/null
is $status 0 "a guest prints a megabyte" || diag "$(tail -n 5 out.lines err)"
is "$(grep '^a line' out.lines | md5sum)" "$(md5sum < text)" "which comes whole"

# resized COMMAND: on a terminal of 24 lines, and then of 50
resized() {
	onpty 'size is 24 80.' '!50x132' 'size is 50 132.' '' -- \
		sh -c "stty rows 24 cols 80; exec $1" > out 2>&1
}
options='--mem 64M --kernel /guests/linux --initrd initrd'
resized "lguest run $options --params 'rdinit=/bin/first does=size quiet'"
is $? 0 "a guest knows its terminal's size, at first and later" || diag "$(tail -n 20 out)"
# shellcheck disable=SC2086 # several words
lguest run $options --params 'rdinit=/bin/first does=size quiet' --daemon --name sized
resized "lguest attach sized"
is $? 0 "and that of one that comes to it" || diag "$(tail -n 20 out)"

check "the module unloads" unload_module lguest
done_testing
