# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# What the processor has and a guest may use, must not, or knows nothing of.

. /vm/host-state.sh
. /vm/guest-tap.sh

load_module hoststate
load_module userwatch
state before
check "the module loads" load_module lguest
log_mark
for format in "" -pae; do
	guest_tests "userpages$format"
done

# the same registers with other values in them, on the same CPU
on_cpu 0 lguest run --mem 32M --kernel /tests/guests/features > other.tap 2>&1 < /dev/null &
other=$!
check "another guest has started" wait_for_line 30 other.tap '^(#|ok)'
guest_tests features
wait $other
is $? 0 "features: the other guest came to its end"
unlike "$(cat other.tap)" '^not ok' "features: and found its registers, too"
program hostile_debug

watched() {
	sed -n "s/^$1 //p" /proc/userwatch
}

is "$(watched wrong_cr)" 0 "the host was never seen with a guest's control registers"
is "$(watched wrong_frame)" 0 "nor with a guest's flags, or with a strange code segment"
is "$(watched without_sysenter)" 0 "nor its programs without SYSENTER"
is "$(watched without_syscall)" 0 "nor without SYSCALL, where it is used"
diag "$(cat /proc/userwatch)"
unload_module lguest
state after
is "$(differences before after)" "" "nothing is left behind"
unload_module userwatch
quiet_log
done_testing
