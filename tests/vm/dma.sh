# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The classic DMA: to the launcher, and between guests.

. /vm/prog.sh

check "the module loads" load_module lguest
check "and one that holds locks" load_module lockholder
log_mark
program dma
program dma_peers
program dma_wrong
program dma_hostile
quiet_log
unload_module lockholder
check "the module unloads" unload_module lguest
done_testing
