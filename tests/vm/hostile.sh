# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Guests that attack the host, with a witness that must not notice.

. /vm/prog.sh
. /vm/guest-tap.sh

check "the module loads" load_module lguest
program hostile_flags
log_mark
witness > witness.out 2>&1 &
before=$(memory_in_use)
program hostile_fpu
program hostile_segments
program hostile_paging
program hostile_calls
program hostile_long
if is_64bit; then
	program native64
fi
program hostile_window
if no_execute; then
	program hostile_switcher nx
else
	program hostile_switcher
fi
program hostile_paging-pae
program hostile_pdpt-pae
program hostile_calls-pae
check "all memory comes back" wait_for 30 in_use_below $((before + 1500))
diag "from $before kB to $(memory_in_use) kB"
kill -TERM $!
wait $!
is $? 0 "the witness has not noticed"
diag "$(cat witness.out)"
quiet_log
is "$(cat /sys/module/lguest/refcnt)" 0 "no guest is left"
check "the module unloads" unload_module lguest
done_testing
