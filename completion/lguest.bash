# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Completion of lguest's words, for bash.  Which there are, lguest itself says; so this
# fits every version.

_lguest() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local lguest=${COMP_WORDS[0]} verb=${COMP_WORDS[1]} words=

	COMPREPLY=()
	# (bash takes --name=VALUE apart)
	if [ "$word" = = ]; then
		word=
	elif [ "$before" = = ]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if [ "$COMP_CWORD" = 1 ]; then
		words=$("$lguest" help words 2> /dev/null)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		return
	fi
	case $verb in
	help)
		words=$("$lguest" help words help 2> /dev/null)
		;;
	run)
		case $word in
		-*)
			words=$("$lguest" help words run 2> /dev/null)
			;;
		*)
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			return
			;;
		esac
		;;
	*)
		case $word in
		-*)
			words=$("$lguest" help words "$verb" 2> /dev/null)
			;;
		*)
			words=$("$lguest" list 2> /dev/null | awk 'NR > 1 { print $1 }')
			;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o filenames -F _lguest lguest
