# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Every way for a guest to die, by its reason; nothing else may happen.

. /vm/prog.sh

check "the module loads" load_module lguest
log_mark
program deaths
program deaths_paging
program deaths_paging-pae
quiet_log
check "the module unloads" unload_module lguest
done_testing
