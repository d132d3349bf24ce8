# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The classic DMA: to the launcher, and between guests.

. /vm/prog.sh

check "the module loads" load_module lguest
check "and one that holds locks" load_module lockholder
HAS_FUSE=""
load_module fuse 2> /dev/null && HAS_FUSE=1
log_mark
program dma
program dma_peers
program dma_wrong
program dma_hostile
if [ -n "$HAS_FUSE" ]; then
	program dma_fuse
else
	skip "dma_fuse" "this kernel has no FUSE"
fi
# (another one makes the moments long in which it matters what others do)
check "and one that is slow where it matters" \
	load_module slowdown before=mutex_lock_killable,peer_open
program dma_races
check "it was slow" test "$(cat /sys/module/slowdown/parameters/waits)" -gt 0
unload_module slowdown
no_leak "what was sent leaves no memory behind" 1000 1 dma_peers
quiet_log
unload_module lockholder
check "the module unloads" unload_module lguest
done_testing
