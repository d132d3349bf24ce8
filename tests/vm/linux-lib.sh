# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# For tests of Linux as a guest: boots the one that is called $guest, to run one command
# (run= in guests/linux/README) and power off.

. /vm/lib.sh

guest=

# so that one that has highmem uses it
highmem_of() {
	case $1 in
	*-highmem*)
		echo 'highmem=40M '
		;;
	esac
}

# boot SECONDS KERNEL PARAMETERS [OPTION...]: what the guest says is in the file out, how
# that ended in STATUS
# shellcheck disable=SC2034 # for those who source this
boot() {
	limit=$1 kernel=$2 parameters=$3
	shift 3
	timeout "$limit" lguest run --mem 96M --kernel "/guests/$kernel" --initrd initrd \
		--params "quiet $(highmem_of "$kernel")$parameters" "$@" > out 2> err
	STATUS=$?
	tr -d '\r' < out > out.lines
}

# run_kernel SECONDS KERNEL COMMAND [OPTION...]
run_kernel() {
	limit=$1 kernel=$2 command=$3
	shift 3
	boot "$limit" "$kernel" "$(run_parameter "$command")" "$@"
}

run_linux() {
	run_kernel 200 "$guest" "$@"
}

show_on_failure() {
	"$@" || diag "$(tail -n 30 out.lines err)"
}

# says REGEX NAME: what the guest has said
says() {
	show_on_failure like "$(cat out.lines)" "$1" "$guest: $2"
}

# the guest's programs have lines of their own for each result
user_space() {
	while read -r word name; do
		case $word in
		good)
			pass "$guest: $name"
			;;
		bad)
			fail "$guest: $name"
			;;
		esac
	done < out.lines
}
