# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Launchers and guests of 2.6.24 to 4.13: what they ask for, and what they get.

. /vm/prog.sh

check "the module loads" load_module lguest
log_mark
for eras in /tests/eras_*; do
	program "${eras##*/}"
done
quiet_log
check "the module unloads" unload_module lguest
done_testing
