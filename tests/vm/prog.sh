# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# For the groups whose tests are programs: each gives TAP of its own, which
# becomes part of the script's.

. /vm/lib.sh

# seconds that this machine has run
uptime_s() {
	sed 's/[. ].*//' /proc/uptime
}

# program NAME [ARGUMENT...]: its results, and one more: that it came to its end
program() {
	prog_name=$1
	prog_start=$(uptime_s)
	"$@" > output 2>&1 < /dev/null
	prog_status=$?
	grep -v '^1\.\.' output
	prog_seen=$(grep -cE '^(not )?ok ' output)
	TAP_COUNT=$((TAP_COUNT + prog_seen))
	is "status $prog_status, planned $(sed -n 's/^1\.\.//p' output)" \
		"status 0, planned $prog_seen" "$prog_name came to its end"
	diag "$prog_name took $(($(uptime_s) - prog_start)) s"
}

# quiet_log: the kernel has nothing to say of what was done since log_mark, but
# that its clock is late on a busy machine or a better one was found, and that we
# count memory
quiet_log() {
	is "$(log_since | grep -vE 'hrtimer: interrupt took|tsc: |clocksource: |drop_caches: ')" "" \
		"the kernel's log stays silent"
}
