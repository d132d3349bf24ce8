# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In the host VM: waiting for things to happen.

# wait_for SECONDS COMMAND...: until it succeeds; fails when time is up
wait_for() {
	lib_end=$(($(uptime_cs) + $1 * 100))
	shift
	until "$@" > /dev/null 2>&1; do
		[ "$(uptime_cs)" -lt "$lib_end" ] || return 1
		usleep 20000
	done
}

# hundredths of a second since boot
uptime_cs() {
	tr -d . < /proc/uptime | cut -d' ' -f1
}
