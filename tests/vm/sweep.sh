# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# For the groups that tests/lib/switch-sweep.pl works on: calls $GUEST, or is_whole(),
# until all COUNT of its EVENTs (a line's name in /proc/interrupts) have arrived.  That
# fails if a guest or the host came to harm, of which guest.out tells.  PLACE is the
# address that the offsets count from, if that is not the switcher's page.

. /vm/lib.sh

# an event that got lost must not make this last for ever
rounds=20000
failed=0

events() {
	awk -v line="$EVENT:" '$1 == line { print $2 }' /proc/interrupts
}

# the address of the switcher's page, for tests/lib/switch-sweep.pl
place() {
	if is_64bit; then
		awk '$3 == "switcher_text" { print $1; exit }' /proc/kallsyms
	else
		printf '%x\n' "$(cat /sys/module/lguest/parameters/switcher_addr)"
	fi
}

# tell TEXT: to the port that QEMU listens at.  (Two bytes at once would go to two ports.)
tell() {
	printf '%s\n' "$1" | hexdump -v -e '1/1 "%03o\n"' | while read -r byte; do
		# shellcheck disable=SC2059 # that is what is wanted
		printf "\\$byte" | dd of=/dev/port bs=1 seek=$((0xe9)) 2> /dev/null
	done
}

is_whole() {
	lguest run --mem 16M --kernel /tests/guests/registers > guest.out 2>&1 &&
		grep -q "^0 words of the host's, 0 system calls" guest.out
}

[ -c /dev/port ] || {
	fail "the host has /dev/port (CONFIG_DEVPORT), to tell where that is"
	done_testing
	exit
}
check "lguest.ko loads" load_module lguest
tell "${PLACE:-$(place)}"
while [ "$(events)" -lt "$COUNT" ] && [ $rounds -gt 0 ]; do
	if ! "${GUEST:-is_whole}"; then
		failed=$((failed + 1))
		cp guest.out failed.out
	fi
	rounds=$((rounds - 1))
done
is "$(events)" "$COUNT" "each $EVENT reached the host, once"
is $failed 0 "no guest was harmed, nor saw the host's registers" || diag "$(cat failed.out)"
check "lguest.ko unloads" unload_module lguest
done_testing
