# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# For bench.sh: the same in User-mode Linux.

UML_NET=10.78.0
# It does so many fewer operations for as many instructions.
UML_SHARE=20

# Debian's 32-bit one has no system calls with times of 32 bits, as which the C library's
# threads have futex().
has_in_uml() {
	[ "$1" != futex ] || is_64bit
}

# what it starts with: this host's busybox and the program, which are of its kind
make_uml_initrd() {
	mkdir -p uml/bin
	cp /bin/busybox uml/bin/
	cp "/tests/bench-uml-$(is_64bit && echo 64 || echo 32)" uml/bin/bench
	cat > uml/bin/bench-init <<-'END'
		#!/bin/busybox sh
		/bin/busybox mkdir -p /dev /proc /tmp
		/bin/busybox --install -s /bin
		mount -t devtmpfs dev /dev
		mount -t proc proc /proc
		mount -t tmpfs tmp /tmp
		stty -echo
		cd /tmp
	END
	cat >> uml/bin/bench-init <<-END
		$(bench_with_network vec0 $UML_NET)
		poweroff -f
	END
	echo "$END_OF_MACHINE" > uml/bin/off
	chmod +x uml/bin/*
	(cd uml && find . | cpio -o -H newc 2> /dev/null) > uml.initrd
}

uml_threads() {
	for pid in $(pidof linux.uml); do
		echo "/proc/$pid/task/"*
	done
}

in_uml() {
	tell_machine "$(uml_threads)" "$@"
	# shellcheck disable=SC2154 # set by that
	echo 0 "$ticks"
}

measure_uml() {
	OPERATIONS=$(for operation in $OPERATIONS; do
		has_in_uml "${operation%:*}" || continue
		count=$((${operation#*:} / UML_SHARE))
		echo "${operation%:*}:$((count < 2 ? 2 : count))"
	done)
	make_uml_initrd
	# shellcheck disable=SC2086 # several words, or none
	set -- linux.uml mem=96M initrd=uml.initrd con=null con0=fd:0,fd:1 loglevel=1 $PARAMETERS
	"$@" ubd0=disk vec0:transport=tap,ifname=tapuml,gro=1 rdinit=/bin/bench-init < keys > lines 2> err &
	exec 3> keys 4< lines
	wait_for 60 ip addr add $UML_NET.1/24 dev tapuml || die "it makes no tap interface"
	ip link set tapuml up
	wait_until_ready
	measure_machine in_uml uml
	wait $! || die "User-mode Linux failed"
	exec 3>&- 4<&-

	# shellcheck disable=SC2034 # which measure() heeds
	OPERATIONS=boot:1 REPEATS=1
	export BOOT="$* rdinit=/bin/off < /dev/null > /dev/null 2>&1"
	measure_here on_host uml
}
