#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# What happens to a host VM from outside of it, through QEMU's machine protocol
# (QMP).  A machine that has gone to sleep is woken.  And the VM may ask, by
# tests/modules/eventwatch.c and the socket behind its I/O port, for monitor
# commands that make NMIs and machine checks: "COUNT EVENTS COMMAND", for COUNT
# times a command that the VM answers with EVENTS exclamation marks.
#
#	usage: outside.pl QMP-SOCKET [PORT-SOCKET]
#
# Says what it does, one line each, until QEMU ends.
use strict;
use warnings;
use IO::Handle;
use IO::Select;
use IO::Socket::UNIX;

use constant PATIENCE => 60;

my ($qmp_path, $port_path) = @ARGV;
my ($queue, $left, $events, $announced, $command) = ('', 0, 0, 0, '');

sub connect_to {
	my ($path) = @_;
	my $socket;

	for (1 .. PATIENCE * 10) {
		$socket = IO::Socket::UNIX->new(Peer => $path) and return $socket;
		select undef, undef, undef, 0.1;
	}
	die "no QEMU at $path\n";
}

sub say_to {
	my ($qmp, $text) = @_;

	print $qmp "$text\n";
	$qmp->flush;
}

sub execute {
	my ($qmp) = @_;

	$left--;
	$announced = 0;
	say_to($qmp, qq({"execute": "human-monitor-command", )
		. qq("arguments": {"command-line": "$command"}}));
}

# One line of QEMU's.
sub hear {
	my ($qmp, $line) = @_;

	if ($line =~ /"event": "SUSPEND"/) {
		print "waking the machine\n";
		say_to($qmp, '{"execute": "system_wakeup"}');
	} elsif ($line =~ /"error"|"return": "[^"]/) {
		print "QEMU says $line";
	}
}

# What came from the VM's port: requests, and announcements of events.
sub serve {
	my ($qmp, $text) = @_;

	$announced += $text =~ tr/!//d;
	$queue .= $text;
	if (!$left && $queue =~ s/^(\d+) (\d+) (.*)\n//) {
		($left, $events, $command) = ($1, $2, $3);
		print "$left times: $command\n";
		execute($qmp);
	} elsif ($left && $announced >= $events) {
		execute($qmp);
	}
}

STDOUT->autoflush;
my $qmp = connect_to($qmp_path);
my $port = $port_path ? connect_to($port_path) : undef;
my $sockets = IO::Select->new($qmp, $port // ());
my $heard = '';

say_to($qmp, '{"execute": "qmp_capabilities"}');
while (1) {
	for my $socket ($sockets->can_read) {
		sysread($socket, my $text, 4096) or exit;
		if ($socket != $qmp) {
			serve($qmp, $text);
			next;
		}
		$heard .= $text;
		hear($qmp, $1) while $heard =~ s/^(.*\n)//;
	}
}
