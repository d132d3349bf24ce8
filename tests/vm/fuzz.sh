# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Guests and launchers that do anything (tests/fuzz.t says how long), with a witness that
# must not notice, and a guest that behaves after them.

. /vm/host-state.sh

# fuzz NAME ARGUMENT...: what it prints goes out at once, for the host may not live to
# print it later; the result is whether it found nothing
fuzz() {
	fuzz_name=$1
	{
		"$@" 2>&1 < /dev/null
		echo "$fuzz_name ended with $?"
	} | tee output
	is "$(tail -n 1 output)" "$fuzz_name ended with 0" "$fuzz_name has found nothing" ||
		diag "to repeat it: make check T=fuzz HOST=$HOST CPU=$CPU SMP=$SMP" \
			"$(sed -n 's/^# to repeat it: //p' output | head -n 1)"
}

check "the module loads" load_module lguest
chmod 666 /dev/lguest
echo 1 > /proc/sys/vm/unprivileged_userfaultfd
check "a guest runs before" hello 0
log_mark
witness > witness.out 2>&1 &
WITNESS=$!
before=$(memory_in_use)
fuzz fuzz_guest "$SEED" "$SECONDS_EACH" "$ENTRIES" "$FIRST" "$GUESTS"
fuzz fuzz_requests "$SEED" "$SECONDS_EACH" "$REQUESTS" "$FIRST" "$GUESTS"
check "all memory comes back" wait_for 60 in_use_below $((before + 1500))
diag "from $before kB to $(memory_in_use) kB"
kill -TERM $WITNESS
wait $WITNESS
is $? 0 "the witness has not noticed"
diag "$(cat witness.out)"
check "a guest runs after" hello 0
quiet_log
is "$(cat /sys/module/lguest/refcnt)" 0 "no guest is left"
check "the module unloads" unload_module lguest
done_testing
