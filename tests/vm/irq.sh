# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Interrupts from the launcher and the clock, and launchers that change CPUs.

. /vm/prog.sh

check "the module loads" load_module lguest
log_mark
program irq
quiet_log
check "the module unloads" unload_module lguest
done_testing
