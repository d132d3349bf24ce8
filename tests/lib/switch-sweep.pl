#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# Stops a host VM at each instruction of the world switch, one after the other,
# and gives QEMU a command there (to send an NMI, say), so that what it does
# happens with the switch exactly that far.  Needs QEMU's gdb stub and its monitor
# on two Unix sockets, and what the VM writes to an I/O port on a third: where the
# switcher is, in a line.
#
#	usage: switch-sweep.pl GDB-SOCKET MONITOR-SOCKET COMMAND PLACE-SOCKET OFFSET...
#
# The first offset is that of the entry, which every switch passes.
# Prints a line for each address; fails if one was not reached.
use strict;
use warnings;
no warnings "portable";
use FindBin;
use IO::Handle;
use lib $FindBin::Bin;
use Machine 'connect_to';

# An address that is not reached in this time never will be, in a VM that does
# nothing but run guests.
use constant PATIENCE => 200;

my ($gdb_path, $monitor_path, $command, $place_path, @offsets) = @ARGV;

# The gdb remote protocol: $DATA#CHECKSUM, answered by a plus sign.
sub send_packet {
	my ($gdb, $data) = @_;

	printf $gdb '$%s#%02x', $data, unpack('%8C*', $data);
	$gdb->flush;
}

sub receive_packet {
	my ($gdb) = @_;
	my ($char, $data) = ('', '');

	local $SIG{ALRM} = sub { die "QEMU does not answer\n" };
	alarm PATIENCE;
	while ($char ne '$') {
		sysread($gdb, $char, 1) or die "QEMU is gone\n";
	}
	while (sysread($gdb, $char, 1) and $char ne '#') {
		$data .= $char;
	}
	sysread($gdb, $char, 2);
	syswrite($gdb, '+');
	alarm 0;
	return $data;
}

# Our connecting stops the VM, and it may tell so at any time after that.
sub set_breakpoint {
	my ($gdb, $data) = @_;
	my $answer;

	send_packet($gdb, $data);
	do { $answer = receive_packet($gdb) } while $answer =~ /^T/;
	$answer eq 'OK' or die "QEMU answers \"$answer\" to $data\n";
}

sub run_to {
	my ($gdb, $address) = @_;
	my $breakpoint = sprintf '1,%x,1', $address;

	set_breakpoint($gdb, "Z$breakpoint");
	send_packet($gdb, 'c');
	receive_packet($gdb) =~ /^T05/ or die "QEMU stopped for another reason\n";
	set_breakpoint($gdb, "z$breakpoint");
}

sub monitor {
	my ($socket, $line) = @_;
	my ($answer, $part) = ('', '');

	print $socket "$line\n" if defined $line;
	$socket->flush;
	while ($answer !~ /\(qemu\) $/) {
		sysread($socket, $part, 4096) or die "QEMU's monitor is gone\n";
		$answer .= $part;
	}
}

# the VM's line
sub place {
	my $line = readline(connect_to($place_path)) // die "the VM does not say where\n";

	chomp $line;
	return hex $line;
}

my $base = place();
my @addresses = map { $base + hex } @offsets;
my $monitor = connect_to($monitor_path);
my $gdb = connect_to($gdb_path);

STDOUT->autoflush;
monitor($monitor);
for my $address (@addresses) {
	run_to($gdb, $address);
	monitor($monitor, $command);
	printf "at %x: $command\n", $address;
	# Two NMIs in the same switch would count as one, as they may.
	run_to($gdb, $addresses[0]);
}
send_packet($gdb, 'D');		# and let it run
receive_packet($gdb);
