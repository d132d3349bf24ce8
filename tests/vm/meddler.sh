# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Others write to the registers that keep guests out of ring 0.  (The breakpoint can
# be noticed on a CPU alone that does not say that it is a virtual one: on those the
# kernel reads no debug register that it believes to be clear.)
#
# And the host is a guest of KVM's, which lacks a page just now.

. /vm/events.sh

load_module hoststate
check "the module loads" load_module lguest
state before
load_module meddler watch="$(meddled address)"
program meddled
diag "$(cat /proc/meddler)"
unload_module meddler
state after
is "$(differences before after)" "" "nothing is left behind"

# asleep: some task of the launcher's waits, and for no signal
asleep() {
	cat /proc/[0-9]*/task/*/status 2> /dev/null | awk '
		/^Name:/ { name = $2 }
		/^State:/ && $2 == "D" && name ~ /^lguest/ { found = 1 }
		END { exit !found }'
}

if load_module pagetoken; then
	busy guest0
	pid=$!
	check "a guest is busy" wait_for_line 30 guest0.out '^busy'
	echo arm > /proc/pagetoken
	check "its launcher waits for the host's page" wait_for 30 asleep
	is "$(cat /proc/pagetoken)" taken "and has asked for it"
	echo wake > /proc/pagetoken
	echo > guest0.keys
	wait "$pid"
	is "$? $(tail -n 1 guest0.out)" "0 0 errors" "the guest has not noticed"
	unload_module pagetoken
else
	skip "pages that the host's host has swapped out" \
		"this kernel is no guest of KVM's, or keeps its notes elsewhere"
fi
check "the module unloads" unload_module lguest
done_testing
