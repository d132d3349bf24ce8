# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In the host VM: waiting for things to happen.

# wait_for SECONDS COMMAND...: until it succeeds; fails, and says so, when time is up
wait_for() {
	lib_seconds=$1
	lib_end=$(($(uptime_cs) + lib_seconds * 100))
	shift
	until "$@" > /dev/null 2>&1; do
		if [ "$(uptime_cs)" -ge "$lib_end" ]; then
			echo "# $lib_seconds s have not been enough for: $*" >&2
			return 1
		fi
		usleep 20000
	done
}

# hundredths of a second since boot, without zeros before them, which would make it octal
uptime_cs() {
	awk '{ printf "%d\n", $1 * 100 }' /proc/uptime
}
