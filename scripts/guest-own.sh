# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For linux-guest: Linux of somebody's own source, which SRC names, a directory or a tar
# file; and of a configuration of theirs, CONFIG, or the .config in that directory.
#
# The source is only read.  A copy of it is patched and compiled, and git, with a
# repository of ours, finds what differs from last time: no other file of the copy is
# written to, so that make compiles no more than it would have to in the original.

[ -n "${SRC:-}" ] ||
	die "the guest 'own' is built from a source of yours: say SRC=/path/to/linux, or GUEST=linux"
[ -e "$SRC" ] || die "there is no $SRC"
[ -z "${CONFIG:-}" ] || [ -f "$CONFIG" ] || die "there is no $CONFIG"
SRC=$(realpath "$SRC")
DEST=$CACHE/linux-own/$(basename "$SRC")-$(sha256sum <<< "$SRC" | cut -c 1-8)
SOURCE=$DEST/source
# shellcheck disable=SC2034 # for linux-guest
LOCK=linux-own
REPOSITORY=$DEST/git

# what the copy is of; a tar file is unpacked for that
TREE=$SRC

# What is left in a tree that somebody has compiled in, and is no repository.
LEFTOVERS=('*.o' '*.a' '*.ko' '*.mod' '*.mod.c' '.*.cmd' '.*.d' '.config*' '.tmp_*' '.vmlinux*'
	'/include/config/' '/include/generated/' '/arch/*/include/generated/' '/vmlinux*'
	'/System.map' '/Module.symvers' 'modules.order' 'modules.builtin*' 'modules.nsdeps'
	'*.lex.c' '*.tab.[ch]' '/arch/*/boot/bzImage' '/.git')

# Git with our repository, for the files of a directory, by an index of that name; what the
# person has set up for git does not count.
our_git() {
	local index=$1 dir=$2
	shift 2

	GIT_INDEX_FILE=$REPOSITORY/$index GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
		git -C "$dir" --git-dir="$REPOSITORY" --work-tree="$dir" -c core.looseCompression=1 \
		-c core.fsync=none -c core.autocrlf=false "$@"
}

# (A tree may lie within some other repository, which ignores it.)
is_repository() {
	git -C "$TREE" ls-files --error-unmatch Makefile > /dev/null 2>&1
}

# the files that are source, or those that have changed
list_files() {
	if is_repository; then
		git -C "$TREE" ls-files -z --cached --others --exclude-standard
	else
		our_git theirs "$TREE" ls-files -z --others --modified "${LEFTOVERS[@]/#/--exclude=}"
	fi
	our_git theirs "$TREE" ls-files -z --deleted
}

unpack_tar() {
	TREE=$DEST/unpacked
	[ "$SRC" -nt "$TREE" ] || return 0
	say "unpacking $SRC"
	rm -rf "$TREE"
	mkdir -p "$TREE"
	tar -xf "$SRC" -C "$TREE" --strip-components=1 || {
		rm -rf "$TREE"
		die "$SRC is neither a directory nor a tar file: SRC is a source tree of Linux"
	}
	touch "$TREE"
}

# the source as it is, with changes that nobody has committed; no repositories within it
take_tree() {
	git init -q --bare "$REPOSITORY"
	list_files | grep -zv '/$' |
		our_git theirs "$TREE" update-index -z --add --remove --stdin &&
		our_git theirs "$TREE" write-tree
}

is_linux() {
	[ -f "$1/Kbuild" ] && [ -f "$1/arch/x86/Makefile" ] && grep -q '^PATCHLEVEL = ' "$1/Makefile"
}

# the release that the source is of: release_of knows those in a kernel's name alone
own_release() {
	awk -F ' *= *' '$1 == "VERSION" { v = $2 } $1 == "PATCHLEVEL" { print v "." $2; exit }' "$TREE/Makefile"
}

source_of() {
	echo "$SOURCE"
}

# somebody has committed the series, or works on it
has_series() {
	[ -e "$TREE/arch/x86/include/asm/lguest.h" ]
}

# Lines around a change may differ, but for the nearest ones.
apply_series() {
	local release file bad=

	release=$(own_release)
	is_until "$(oldest_release)" "$release" ||
		reject "this source is Linux $release: the patches of guests/linux are for $(oldest_release) and later"
	for file in $(series "$release"); do
		our_git patched "$SOURCE" apply --cached -C1 --whitespace=nowarn "$file" >> "$LOG" 2>&1 ||
			bad+=" ${file#"$SERIES/patches/"}"
	done
	[ -z "$bad" ] ||
		reject "patches of guests/linux do not apply to this source, which is Linux $release; they are for $(linux_releases | awk '{ print $1 }' | xargs) ($LOG says where):$bad"
}

get_source() {
	local tree

	"$TOP/scripts/deps" own
	[ -d "$SRC" ] || unpack_tar
	is_linux "$TREE" || die "$SRC is no source tree of Linux"
	say "looking for changes in $SRC"
	tree=$(take_tree) || die "git cannot read $SRC: look above for why"
	mkdir -p "$SOURCE"
	our_git patched "$SOURCE" read-tree "$tree"
	has_series || apply_series
	our_git copy "$SOURCE" read-tree -u --reset "$(our_git patched "$SOURCE" write-tree)"
}

base_config() {
	if [ -n "${CONFIG:-}" ]; then
		echo "$CONFIG"
	elif [ -f "$TREE/.config" ]; then
		echo "$TREE/.config"
	fi
}

# Without a configuration of theirs it is the one of the guest "linux".
own_fragments() {
	if [ -n "$(base_config)" ]; then
		printf "$SERIES/%s.config\n" own guest
	else
		release_config "$(own_release)"
		printf "$SERIES/%s.config\n" common linux guest
	fi
}

# options that are on, or have values
options() {
	sed -n 's/^\(CONFIG_[A-Za-z0-9_]*\)=.*/\1/p' "$1" | sort
}

tell_losses() {
	local name=$1 lost=$OUT/$1.lost words n

	comm -23 <(options "$DEST/$name.base") <(options "$DEST/$name/.config") > "$lost"
	n=$(wc -l < "$lost")
	[ "$n" -gt 0 ] || return 0
	words=$(turned_off "$SERIES/own.config" | sort | comm -12 - "$lost" | sed 's/^CONFIG_//' | xargs)
	say "of $(base_config), $n options are gone (${lost#"$TOP"/}):${words:+ a guest does without $words, and} what depends on others"
}

# (The source may have other options than last time, so it is asked each time.)
configuration() {
	local name=$1 base new=

	base=$(base_config)
	if [ -z "$base" ]; then
		rm -f "$DEST/$name.base"
		all_off "$name"
		return
	fi
	if ! is_same "$name" || ! cmp -s "$base" "$DEST/$name.base"; then
		new=1
		say "the configuration is $base, with guests/linux/own.config"
		cp "$base" "$DEST/$name.base"
		cat "$(release_config "$(own_release)")" "$base" "$DEST/$name.config.new" > "$DEST/$name/.config"
	fi
	kernel_make "$name" -s olddefconfig >> "$LOG" 2>&1 || return 1
	[ -z "$new" ] || tell_losses "$name"
}
