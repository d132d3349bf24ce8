#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What can be wrong with a command is said at once, with what could have been meant.
. "$(dirname "$0")/lib/vm.sh"
. "$TOP/scripts/linux-kernels.sh"

# refused NAME REGEX MAKE'S ARGUMENT...: without building or booting anything
refused() {
	local name=$1 why=$2 out
	shift 2

	out=$(make -C "$TOP" "$@" 2>&1) && fail "$name: is refused"
	like "$out" "$why" "$name: is refused" || return
	unlike "$out" 'booting|\bCC\b|Entering directory .*/kdir' "$name: before anything is done"
}

refused "a guest that is misspelt" "there is no guest 'linus': did you mean linux\?" run GUEST=linus
refused "of another release" 'did you mean .*hello-2\.6\.25' run GUEST=hello-2.6.26
refused "by two letters" 'did you mean tiny-2.6.24-pae\?' run GUEST=tinny-2.6.24-pea
refused "a release of Linux that is not there" 'did you mean linux-7.3-pae\?' run GUEST=linux-7.4-pae
refused "one that is like no other" "there is no guest 'xyzzy'$" run GUEST=xyzzy
refused "none at all" "there is no guest ''" run GUEST=
refused "what is a guest, but no Linux" "no guest 'tiny' for this" bench GUEST=tiny
refused "a table that nobody has accepted" "no accepted table of GUEST=linux on HOST=few-cpus: make bench" \
	bench-compare HOST=few-cpus
refused "a table that nobody has made" "no table of GUEST=linux on HOST=few-cpus yet: make bench" \
	bench-chart HOST=few-cpus
refused "a test that is misspelt" "there is no test 'lnit': T is some of .* lint " check T=lnit
refused "a matrix that is misspelt" 'there is no tests/matrix-lnog' check MATRIX=lnog
refused "a host that is misspelt" "no such host '687': HOST is one of" run HOST=687

for kernel in 'linux 6.1 linux' 'linux-2g 6.1 linux-2g' 'linux-pae 6.1 linux-pae' \
	'linux-6.12 6.12 linux' 'linux-7.3-2g 7.3 linux-2g' 'native-7.3-pae 7.3 linux-pae'; do
	name=${kernel%% *}
	is "$name $(release_of "$name") $(flavour_of "$name")" "$kernel" "$name is taken apart"
done
for guest in linux linux-7.3-pae debian-pae debian-6.12 hello tiny-pae virtio-2.6.24 hello-3.11-pae; do
	check "$guest is known" "$TOP/scripts/known-guest" $guest
done
is "$(make -s -C "$TOP/guests" names | awk '{ n += 2 * (NF - 1) } END { print n }')" \
	"$(find "$BUILD/guests" -maxdepth 1 -type f -perm -100 ! -name mkfs.tiny | wc -l)" \
	"so are all that are built"

# A host that was built here, with the options that the tree asks for and with others; nothing
# can be fetched.
cache=$(mktemp -d "${TMPDIR:-/tmp}/lguest-cache.XXXXXX")
trap 'rm -rf "$cache"' EXIT
mkdir -p "$cache/lguest/host-2g-686" "$cache/bin"
ln -s /bin/false "$cache/bin/apt-get"
printf '6.1-2g-686 6.1-1\n' > "$cache/lguest/host-2g-686/version"
fetched() {
	XDG_CACHE_HOME=$cache PATH=$cache/bin:$PATH "$TOP/scripts/fetch-host" 2g-686 2>&1
}
sed '/^CONFIG/!d' "$TOP"/scripts/hosts.d/{host.common,2g-686.config} \
	> "$cache/lguest/host-2g-686/config"
is "$(fetched)" "" "a host is there"
echo CONFIG_XYZZY=y >> "$cache/lguest/host-2g-686/config"
out=$(fetched) && fail "a host for which hosts.d has changed is built anew"
like "$out" 'hosts.d has changed: host 2g-686 is built anew' "it is said why"
is "$(cat "$cache/lguest/host-2g-686/version")" "6.1-2g-686 6.1-1" \
	"and the old one is still there if it cannot be"

# Completion: what bash offers for words that are typed so far; the last one is completed.
LGUEST=$BUILD/lguest
if ! "$LGUEST" --version > /dev/null 2>&1; then	# (where only programs of 64 bits run)
	LGUEST=$BUILD/lguest-amd64
	make -s -C "$TOP/launcher" 64 > /dev/null 2>&1
fi
completed() {
	bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lguest
		printf "%s\n" "${COMPREPLY[@]}"' "$TOP/completion/lguest.bash" "$LGUEST" "$@" | xargs
}
is "$(completed sto)" stop "a verb is completed"
like " $(completed '') " ' run .* wait ' "all of them are offered"
is "$(completed run --res)" "--restart-limit" "an option of run is completed"
is "$(completed stop --k)" "--kill" "one of another verb"
is "$(completed help dis)" disk "a topic of help"
is "$(cd "$TOP" && completed run -k READ)" README "a file"
for option in $("$LGUEST" help words run); do
	like "$("$LGUEST" help run; man -l "$TOP/Documentation/lguest.1" 2> /dev/null)" \
		"[ -]-${option#--}\\b" "$option is in the help"
done
is "$("$LGUEST" help run | grep -oE -e '--[a-z0-9-]+[a-z0-9]' | sort -u)" \
	"$("$LGUEST" help words run | grep -e ^-- | sort -u)" "completion offers all that the help of run has"
for topic in $("$LGUEST" help words help); do
	check "there is help for $topic" "$LGUEST" help "$topic"
done
if command -v zsh > /dev/null; then
	check "the completion for zsh is one" zsh -n "$TOP/completion/_lguest"
fi
done_testing
