# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Virtio devices as the drivers of each era use them: the exerciser checks what it
# reads, here is checked what it wrote, and that its packets came and went.

. /vm/guest-tap.sh

export GUEST_DIR=/guests

PINGS=60

# exercise NAME [WORD]: all devices; the word is for the guest
exercise() {
	ex_name=$1
	dd if=/dev/urandom of=disk bs=1M count=4 2> /dev/null
	dd if=/dev/zero of=disk bs=512 count=1 conv=notrunc 2> /dev/null
	export GUEST_INPUT=line
	guest_tests "$ex_name" --disk disk --disk second,ro --net tap=10.77.0.1/24 --rng \
		--params "readonly net=$PINGS $2"
	[ "$2" != echo ] ||
		like "$(cat "$ex_name.tap")" '^# typed: what is typed' "$ex_name: a line is typed"
	is "$(grep -c '^# burst [0-9]* 0*[0-9a-f]*.$' "$ex_name.tap")" 150 \
		"$ex_name: much text comes whole"
}

echo "what is typed" > line
dd if=/dev/urandom of=second bs=64k count=1 2> /dev/null
md5sum second > second.md5
check "the module loads" load_module lguest
start_modules tun
# (2.6.24 has no word for a restart, and what was typed before one is lost with it)
exercise virtio-2.6.24 echo
exercise virtio-2.6.24-pae
for era in 2.6.25 2.6.29 2.6.30 2.6.31 2.6.34 3.0 3.11; do
	exercise "virtio-$era" restart
	exercise "virtio-$era-pae" echo
done
# What does real work with its disk and its console: tiny.
for guest in tiny-2.6.24 tiny-3.11-pae; do
	cp /guests/tiny.img disk
	printf 'selftest\npoweroff\n' |
		timeout 100 lguest run --mem 16M --kernel "/guests/$guest" --disk disk > "$guest.out" 2>&1
	is $? 0 "$guest powers off"
	like "$(cat "$guest.out")" '^selftest: all passed' "$guest: its selftest passes"
	check "$guest: the file system is sound" /guests/mkfs.tiny disk check
done
check "the disk that may not be written was not" md5sum -c second.md5
check "the module unloads" unload_module lguest
done_testing
