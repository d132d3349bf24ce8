# SPDX-License-Identifier: GPL-2.0
#
# For the scripts that speak to a host VM's QEMU from outside: connecting to one
# of its sockets, which may be some time in coming.

package Machine;

use strict;
use warnings;
use Exporter 'import';
use IO::Socket::UNIX;

our @EXPORT_OK = qw(connect_to);

use constant PATIENCE => 120;

sub connect_to {
	my ($path) = @_;

	for (1 .. PATIENCE * 10) {
		my $socket = IO::Socket::UNIX->new(Peer => $path);
		return $socket if $socket;
		select undef, undef, undef, 0.1;
	}
	die "no QEMU at $path\n";
}

1;
