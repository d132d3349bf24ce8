# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs guests while tests/lib/nmi-sweep.pl sends NMIs at places of its choice,
# until all NMIS of them have arrived.

. /vm/lib.sh

nmis() {
	awk '/NMI:/ { print $2 }' /proc/interrupts
}

# an NMI that got lost must not make this last for ever
rounds=20000
failed=0

check "lguest.ko loads" load_module lguest
while [ "$(nmis)" -lt "$NMIS" ] && [ $rounds -gt 0 ]; do
	lguest run --mem 16M --kernel /guests/hello > guest.out 2>&1 ||
		failed=$((failed + 1))
	rounds=$((rounds - 1))
done
is "$(nmis)" "$NMIS" "each NMI reached the host, once"
is $failed 0 "no guest was harmed"
like "$(cat guest.out)" 'Hello' "they said hello"
check "lguest.ko unloads" unload_module lguest
done_testing
