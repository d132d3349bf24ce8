#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Disks of guests, and what is left of them when launcher or host are killed.  Not
# a vm_group: its host does not live to the script's end.

. "$(dirname "$0")/lib/vm.sh"
. "$(dirname "$0")/lib/outside.sh"

# rounds FILE ROUND: is what the guest (guests/virtio/disk.c) wrote up to then in
# the file?  Says which rounds are.
rounds() {
	perl -e '
		use integer;
		my ($file, $least) = @ARGV;
		my %seen;
		open my $disk, "<:raw", $file or die "$file: $!\n";
		for my $sector (8 .. 327) {
			seek $disk, $sector * 512, 0;
			read($disk, my $data, 512) == 512 or die "sector $sector is missing\n";
			my @words = unpack "V128", $data;
			for my $i (0 .. 127) {
				my $place = $sector * 128 + $i;
				# times the inverse of the multiplier of rounds
				my $round = ($words[$i] ^ $place * 2654435761 & 0xffffffff ^ $place >> 7)
					* 244002641 & 0xffffffff;
				die "sector $sector has a part of round $round\n"
					if $round < $least || $round > $least + 100000;
				$seen{$round}++;
			}
		}
		print join(" ", map { "$_: $seen{$_} words" } sort { $a <=> $b } keys %seen), "\n";
	' "$1" "$2"
}

log=$LOGS/disk-$HOST-${CPU//,/}-$SMP.log
truncate -s 4M "$SOCKETS/disk"
DISK=$SOCKETS/disk run_to_death disk "$log" 500
round=$(sed -n 's/^the end: //p' "${log%.log}.out")
check "disk: what its guest had flushed, round $round, is on the disk" \
	rounds "$SOCKETS/disk" "${round:-1000000}"
unlike "$(since_init "$log")" "$BAD_NEWS" "disk: the host's log is clean"
done_testing
