# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The same guests in each era of the ABI: what is different for them (era) and what
# is the same (library), with both formats of page tables.  Those of 4.1 have a
# launcher here that knows nothing but the console.

. /vm/guest-tap.sh

# ends NAME STATUS OUTPUT: a short guest, how it ends, and what it says
ends() {
	ends_out=$(timeout 60 lguest run --mem 8M --kernel "/guests/$1" --params "key=value" \
		2>&1 < /dev/null)
	is $? "$2" "$1: ends with status $2"
	like "$ends_out" "$3" "$1: says so"
}

check "the module loads" load_module lguest
for era in '' -2.6.24 -2.6.25 -2.6.29 -2.6.30 -2.6.31 -2.6.34 -3.0 -3.11; do
	for format in '' -pae; do
		ends "hello$era$format" 0 '^command line: key=value'
		guest_tests "era$era$format"
		guest_tests "library$era$format"
	done
done
for format in '' -pae; do
	for guest in era library; do
		run_tests "$guest-4.1$format" /tests/pcirun "/tests/guests/$guest-4.1$format"
	done
done
check "the module unloads" unload_module lguest
done_testing
