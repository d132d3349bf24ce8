#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The source is as it should be: kernel style under checkpatch --strict, no
# warning from shellcheck, from sparse, or from the compilers at their strictest.
# The launcher calls nothing that its filter of system calls would kill it for, and
# its files do not need each other in circles.  The patches of tests/mutants apply.  What
# the rows of Documentation/safety.txt name exists, a test for each of them first.
# Builds happen in copies, so that the tree's own stay as they are.

. "$(dirname "$0")/lib/vm.sh"

KDIR=$CACHE/host-$HOST/kdir
WORK=$BUILD/lint
cd "$TOP" || exit

# What does not apply: there is no MAINTAINERS file; tracepoints have a style of
# their own; kernels' versions are what compat.h is about; and what runs outside
# of the kernel has none of the kernel's macros, a yield() of its own, argument
# vectors that exec() wants as they are, system calls to refuse, and no say in
# the names that <elf.h> and the C standard chose.
KERNEL=FILE_PATH_CHANGES
COMPAT=$KERNEL,LINUX_VERSION_CODE,CONSTANT_COMPARISON
TRACE=$KERNEL,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
OUTSIDE=$KERNEL,VOLATILE,PREFER_DEFINED_ATTRIBUTE_MACRO,BIT_MACRO,CAMELCASE
OUTSIDE+=,EMBEDDED_FUNCTION_NAME,YIELD,STATIC_CONST_CHAR_ARRAY,ENOSYS

# files of the tree by pattern; what is built is no source
sources() {
	find . \( -path ./build -o -path ./.git \) -prune -o -type f \
		! -name '*.mod.c' \( "$@" \) -print | sort
}

shell_scripts() {
	sources -perm -100 -o -name '*.sh' -o -name '*.t' |
		xargs grep -lE '^#!.*sh\b|^# shellcheck shell'
}

# nothing COMMAND...: it must say nothing at all
nothing() {
	local out

	out=$("$@" 2>&1)
	[ -n "$out" ] || return 0
	printf '%s\n' "$out" | head -n 60
	return 1
}

# (SC1091: files that exist in the VM only; SC2317: functions called by traps)
run_shellcheck() {
	shell_scripts | xargs shellcheck -e SC1091,SC2317
}

# checkpatch IGNORED-TYPES FILE...
checkpatch() {
	local ignored=$1
	shift

	"$CHECKPATCH" --no-tree --strict --terse --no-summary --show-types \
		--ignore "$ignored" -f "$@"
}

all_checkpatch() {
	local -a kernel trace compat outside

	mapfile -t outside < <(sources -name '*.[chS]' | grep -E '^./(launcher|agent|guests|tests/(prog|prog64|guests|lib))/')
	mapfile -t trace < <(sources -name 'trace.h')
	mapfile -t compat < <(sources -name 'compat*.h')
	mapfile -t kernel < <(sources -name '*.[chS]' |
		grep -vxF "$(printf '%s\n' "${outside[@]}" "${trace[@]}" "${compat[@]}")")
	checkpatch $KERNEL "${kernel[@]}"
	[ ${#trace[@]} = 0 ] || checkpatch $TRACE "${trace[@]}"
	[ ${#compat[@]} = 0 ] || checkpatch $COMPAT "${compat[@]}"
	checkpatch $OUTSIDE "${outside[@]}"
}

# module DIRECTORY NAME: build a copy of what is there, listening to warnings
module() {
	local copy=$WORK/module-$2 log=$WORK/$2.log

	rm -rf "$copy"
	mkdir -p "$copy"
	(cd "$1" && cp -r Kbuild ./*.[chS] ./host_[0-9][0-9] "$TOP/include" "$copy/") 2>/dev/null
	if ! make -C "$KDIR" M="$copy" C=2 W=1 KCFLAGS=-Werror modules > "$log" 2>&1 ||
	   grep -qE '(warning|error):' "$log"; then
		grep -E -A8 '(warning|error):|\*\*\*' "$log" | sed "s,$WORK/,,"
		return 1
	fi
}

userspace() {
	make -s -C "$1" CC='gcc -Werror' BUILD="$WORK" OUT="$WORK" "$2" > "$WORK/$1.log" 2>&1 || {
		tail -n 12 "$WORK/$1.log"
		return 1
	}
}

# the filter of system calls against what the launcher calls
filter() {
	local calls=$WORK/calls

	CFLAGS='-fno-inline -fno-partial-inlining -fno-builtin -ffunction-sections -fdata-sections' \
		make -s -C launcher BUILD="$calls" all > "$calls.log" 2>&1 || {
		tail -n 12 "$calls.log"
		return 1
	}
	tests/lib/filter.pl 32 launcher "$calls"/launcher/*.o &&
		tests/lib/filter.pl 64 launcher "$calls"/launcher-amd64/*.o
}

# of what userspace() has built
circles() {
	tests/lib/circles.pl "$WORK"/launcher/*.o && tests/lib/circles.pl "$WORK"/launcher-amd64/*.o
}

rm -rf "$WORK"
mkdir -p "$WORK"
CHECKPATCH=$("$TOP/scripts/fetch-checkpatch") || exit

check "checkpatch --strict is content" nothing all_checkpatch
check "shellcheck is content" nothing run_shellcheck
check "lguest.ko: no warning from sparse or W=1" module . lguest
check "the tests' modules: no warning from sparse or W=1" module tests/modules modules
check "launcher: no warning from the compiler" userspace launcher all
check "launcher: no circle of files that need each other" circles
check "launcher: its filter admits the system calls that it makes" filter
check "guests: no warning from the compiler" userspace guests all
check "test programs: no warning from the compiler" userspace tests programs
check "the mutants can be made" nothing tests/mutate --check
check "each row of safety.txt has a test, and what it names exists" \
	nothing tests/lib/rows.pl Documentation/safety.txt
done_testing
