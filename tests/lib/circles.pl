#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# Do files of a program need each other, directly or by others?
#
#	usage: circles.pl OBJECT...
#
# Each can be read, tested and changed by itself, with what is below it, if not.  Of
# those that form circles this prints who wants what of whom.

use strict;
use warnings;

my (%owner, %wants, %arrows);

for my $object (@ARGV) {
	my ($file) = $object =~ m,([^/]+)\.o$,;

	for (`nm -g $object`) {
		my ($kind, $name) = /([A-Za-z]) (\S+)$/ or next;
		if ($kind eq 'U') {
			$wants{$file}{$name} = 1;
		} elsif ($kind =~ /[TDBRCVW]/) {
			$owner{$name} = $file;
		}
	}
}
for my $file (keys %wants) {
	for my $name (keys %{$wants{$file}}) {
		my $other = $owner{$name};

		push @{$arrows{$file}{$other}}, $name if defined $other && $other ne $file;
	}
}
die "$0: nothing is called: are these a program's objects?\n" if !%arrows;

# All that a file needs, directly or not.
sub reach {
	my ($from) = @_;
	my (%seen, @todo);

	for (@todo = $from; @todo; ) {
		push @todo, grep { !$seen{$_}++ } keys %{$arrows{shift @todo}};
	}
	return \%seen;
}

my $bad = 0;
my %reach = map { $_ => reach($_) } keys %wants;
for my $file (sort keys %arrows) {
	for my $other (sort grep { $reach{$_}{$file} } keys %{$arrows{$file}}) {
		print "$file needs $other: @{[sort @{$arrows{$file}{$other}}]}\n";
		$bad = 1;
	}
}
exit $bad;
