# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the scripts share: where things are, and how they speak, fail and try
# again.  Sourced by the others, with bash; it sets variables, functions and
# "set -eu".

set -eu

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=$TOP/build
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/lguest
PROG=${0##*/}
# shellcheck disable=SC2034 # for those who source this
readonly TOP BUILD CACHE PROG

say() {
	echo "$PROG: $*" >&2
}

die() {
	say "$*"
	exit 1
}

# run a command until it works, three times at most
retry() {
	local i

	for i in 1 2 3; do
		"$@" && return 0
		if [ "$i" -lt 3 ]; then
			say "that failed; trying again in $((i * 5)) s"
			sleep $((i * 5))
		fi
	done
	return 1
}

# hold the named lock until this script ends, or unlocks it; say so when others
# hold it
declare -A LOCKS
lock() {
	local fd

	mkdir -p "$CACHE"
	exec {fd}>"$CACHE/$1.lock"
	LOCKS[$1]=$fd
	if ! flock -n "$fd"; then
		say "waiting for another run to finish with the $1"
		flock "$fd"
	fi
}

unlock() {
	local fd=${LOCKS[$1]}

	exec {fd}>&-
}

# copy_tree DIRECTORY [TAR-OPTION...]: this tree, without what was built and git's
copy_tree() {
	local to=$1
	shift

	mkdir -p "$to"
	tar -C "$TOP" -c "$@" --exclude=./build --exclude-vcs --exclude-vcs-ignores . |
		tar -C "$to" -x
}
