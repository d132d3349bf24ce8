# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Launchers and guests of 2.6.24 to 4.13: what they ask for, and what they get.

. /vm/prog.sh

check "the module loads" load_module lguest
check "and one that looks at its tables" load_module shadowwatch
log_mark
for eras in /tests/eras_*; do
	# (that one wants another module: shortage.sh)
	[ "$eras" = /tests/eras_shortage ] || program "${eras##*/}"
done
quiet_log
unload_module shadowwatch
check "the module unloads" unload_module lguest
done_testing
