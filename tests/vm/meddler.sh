# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Others write to the registers that keep guests out of ring 0.  (The breakpoint can
# be noticed on a CPU alone that does not say that it is a virtual one: on those the
# kernel reads no debug register that it believes to be clear.)

. /vm/host-state.sh

load_module hoststate
check "the module loads" load_module lguest
state before
load_module meddler watch="$(meddled address)"
program meddled
diag "$(cat /proc/meddler)"
unload_module meddler
state after
is "$(differences before after)" "" "nothing is left behind"
check "the module unloads" unload_module lguest
done_testing
