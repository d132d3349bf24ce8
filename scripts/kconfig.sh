# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For the scripts that build kernels: what a file of options asks for, and whether a kernel's
# configuration has it.  Where an option depends on another that is off, kconfig leaves it
# out without a word.

# merge_options FILE...: what they ask for; if several speak of an option, the last one
merge_options() {
	cat "$@" | tac | awk 'match($0, /^(# )?CONFIG_[A-Z0-9_]+(=| is not set)/) {
		option = $0; gsub(/^# |=.*| is not set/, "", option)
		if (!seen[option]++) print }' | tac
}

# options that a file turns off
turned_off() {
	sed -n 's/^# \(CONFIG_[A-Z0-9_]*\) is not set$/\1/p' "$1"
}

# not_taken FILE CONFIG: what the one asks for and the other has not, or has though it is
# to be off
not_taken() {
	grep '^CONFIG_' "$1" | grep -vxF -f "$2" || true
	turned_off "$1" | sed 's/.*/^&=[ym]/' | grep -f - "$2" || true
}
