#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# What happens to a host VM from outside of it, through QEMU's machine protocol
# (QMP).  A machine that has gone to sleep is woken.  And the VM may ask, by
# tests/modules/eventwatch.c and the socket behind its I/O port, for monitor
# commands that make NMIs and machine checks: "COUNT EVENTS COMMAND", for COUNT
# times a command that the VM answers with EVENTS exclamation marks.  A command
# after "guest CPU" is given with that CPU stopped where it runs a guest.
#
#	usage: outside.pl QMP-SOCKET [PORT-SOCKET]
#
# Says what it does, one line each, until QEMU ends.
use strict;
use warnings;
use FindBin;
use IO::Handle;
use IO::Select;
use lib $FindBin::Bin;
use Machine 'connect_to';

use constant LONGEST_PAUSE => 0.003;	# seconds

my ($qmp_path, $port_path) = @ARGV;
my ($queue, $left, $events, $announced, $command, $cpu) = ('', 0, 0, 0, '', undef);
my ($qmp, $heard, @news) = (undef, '');

# One of QEMU's lines that answers nothing.
sub hear {
	my ($line) = @_;

	return unless $line =~ /"event": "SUSPEND"/;
	print "waking the machine\n";
	execute('system_wakeup');
}

# QEMU's answer to a command; what else it says meanwhile is kept.
sub answer {
	for (;;) {
		while ($heard =~ s/^(.*\n)//) {
			my $line = $1;

			return $line if $line =~ /^\{"(return|error)"/;
			push @news, $line;
		}
		sysread($qmp, $heard, 4096, length $heard) or exit;
	}
}

sub execute {
	my ($name, $arguments) = @_;

	print $qmp qq({"execute": "$name"), $arguments ? qq(, "arguments": {$arguments}) : '', "}\n";
	$qmp->flush;
	my $line = answer();
	print "QEMU says $line" if $line =~ /^\{"error"/;
	return $line;
}

# monitor LINE [CPU]: a command of QEMU's other monitor, with that CPU in view
sub monitor {
	my ($line, $view) = @_;

	return execute('human-monitor-command', qq("command-line": "$line")
		       . (defined $view ? qq(, "cpu-index": $view) : ''));
}

sub strike {
	my $line = monitor($command);

	print "QEMU says $line" if $line =~ /"return": "[^"]/;
}

# Nothing runs in ring 1 but guests.
sub strike_guest {
	execute('stop');
	until (monitor('info registers', $cpu) =~ /\bCPL=1\b/) {
		execute('cont');
		execute('stop');
	}
	strike();
	execute('cont');
}

# The next one comes at some moment soon after.
sub next_event {
	$left--;
	$announced = 0;
	select undef, undef, undef, rand LONGEST_PAUSE;
	defined $cpu ? strike_guest() : strike();
}

# What came from the VM's port: requests, and announcements of events.
sub serve {
	my ($text) = @_;

	$announced += $text =~ tr/!//d;
	$queue .= $text;
	if (!$left && $queue =~ s/^(\d+) (\d+) (?:guest (\d+) )?(.*)\n//) {
		($left, $events, $cpu, $command) = ($1, $2, $3, $4);
		print "$left times: $command\n";
		next_event();
	} elsif ($left && $announced >= $events) {
		next_event();
	}
}

STDOUT->autoflush;
$qmp = connect_to($qmp_path);
my $port = $port_path ? connect_to($port_path) : undef;
my $sockets = IO::Select->new($qmp, $port // ());

execute('qmp_capabilities');
while (1) {
	hear(shift @news) while @news;
	for my $socket ($sockets->can_read) {
		if ($socket != $qmp) {
			sysread($socket, my $text, 4096) or exit;
			serve($text);
			next;
		}
		sysread($qmp, $heard, 4096, length $heard) or exit;
		push @news, $1 while $heard =~ s/^(.*\n)//;
	}
}
