# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In the host VM: what Linux as a guest (guests/linux) is told by its command line.

# run_parameter COMMAND: has the guest run that instead of a shell, and power off
run_parameter() {
	printf 'run="'
	printf %s "$1" | sed -e 's/%/%25/g' -e 's/"/%22/g' |
		awk 'NR > 1 { printf "%%0A" } { printf "%s", $0 }'
	printf '"'
}

# what this terminal is
terminal_parameters() {
	stty size | {
		read -r rows columns
		echo "TERM=$TERM LINES=$rows COLUMNS=$columns"
	}
}
