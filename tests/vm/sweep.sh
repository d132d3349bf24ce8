# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# For the groups that tests/lib/switch-sweep.pl works on: runs guests until all
# COUNT of its EVENTs (a line's name in /proc/interrupts) have arrived.

. /vm/lib.sh

# an event that got lost must not make this last for ever
rounds=20000
failed=0

events() {
	awk -v line="$EVENT:" '$1 == line { print $2 }' /proc/interrupts
}

check "lguest.ko loads" load_module lguest
while [ "$(events)" -lt "$COUNT" ] && [ $rounds -gt 0 ]; do
	if ! lguest run --mem 16M --kernel /tests/guests/registers > guest.out 2>&1 ||
	   ! grep -q "^0 words of the host's" guest.out; then
		failed=$((failed + 1))
		cp guest.out failed.out
	fi
	rounds=$((rounds - 1))
done
is "$(events)" "$COUNT" "each $EVENT reached the host, once"
is $failed 0 "no guest was harmed, nor saw the host's registers" || diag "$(cat failed.out)"
check "lguest.ko unloads" unload_module lguest
done_testing
