#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# Looks at the rows of Documentation/safety.txt: their numbers have no gap, each has what
# it must have, a test first of all, and what they name exists: files of code with what is
# in brackets in them; groups of tests, and in those what is named, with its cases; mutants.
#
#	usage: rows.pl FILE

use strict;
use warnings;
use File::Basename;

my @MUST = qw(rule precedent code tests);
my @MAY = qw(mutants open);

my ($file) = @ARGV;
my $bad = 0;
my $row = 0;

sub wrong {
	my ($what) = @_;

	print "$file: row $row: $what\n";
	$bad = 1;
}

sub slurp {
	my ($name) = @_;

	open my $in, '<', $name or return '';
	local $/;
	return scalar <$in>;
}

# What is between commas or semicolons, but for those in brackets.
sub parts {
	my ($mark, $text) = @_;

	$text =~ s/(\([^)]*\))/$1 =~ tr,\,;,\0\1,r/ge;
	return map { tr/\0\1/,;/; s/^\s+|\s+$//gr } split /$mark/, $text;
}

# A name, and what is in brackets behind it.
sub item {
	my ($text) = @_;

	return ($1, parts(',', $2 // '')) if $text =~ m{^([\w./-]+)(?:\s+\(([^()]+)\))?$};
	wrong("'$text' is no name");
	return ();
}

# Each of the words is in the text of one of the files.
sub has_words {
	my ($name, $words, @files) = @_;
	my $text = join "\n", map { slurp($_) } @files;

	for my $word (@$words) {
		wrong("there is no $word in $name") unless $text =~ /(?<!\w)\Q$word\E(?!\w)/;
	}
}

sub check_code {
	for my $text (parts(',', shift)) {
		my ($name, @words) = item($text) or next;
		-f $name ? has_words($name, \@words, $name) : wrong("there is no file $name");
	}
}

# The scripts of a group: those that its .t names, and those that these include.
sub scripts {
	my ($group) = @_;
	my @left = slurp("tests/$group.t") =~ /([\w-]+)/g;
	my %seen;

	while (defined(my $name = shift @left)) {
		my $script = "tests/vm/$name.sh";

		next if $seen{$script} || !-f $script;
		$seen{$script} = 1;
		push @left, slurp($script) =~ m{^\. /vm/([\w-]+)\.sh}mg;
	}
	return keys %seen;
}

# Does a group run a program, boot a guest or load a module of that name?
sub runs {
	my ($group, $name) = @_;
	my $text = join "\n", map { s/^\s*#.*//mgr } map { slurp($_) } scripts($group);

	return 1 if $text =~ /(?<!\w)\Q$name\E(?!\w)/;
	return $text =~ m{/tests/(\w+_)\*} && $name =~ /^$1/;
}

# The files of a test; none if there is no such test in that group.
sub files_of {
	my ($group, $name) = @_;

	return "tests/$group.t" if slurp("tests/$group.t") =~ /^\Q$name\E\(\)/m;
	return grep { -f } "tests/unit/$name.c" if $group eq 'unit';
	return grep { -f } "launcher/unit/$name.c" if $group eq 'launcher-unit';
	return grep { -f } "launcher/fuzz/$name.c" if $group eq 'launcher-fuzz';

	my @files = grep { $_ eq "tests/vm/$name.sh" } scripts($group);

	return @files unless runs($group, $name);
	return @files, grep { -f } (map { "tests/$_/$name.c" } qw(prog prog64 modules)),
		glob("tests/guests/$name/*.c guests/$name/*.c");
}

sub check_tests {
	for my $of_group (parts(';', shift)) {
		my ($group, $names) = $of_group =~ /^([\w-]+):\s*(\S.*)$/s or
			wrong("'$of_group' is no group and its tests"), next;
		-f "tests/$group.t" or wrong("there is no group $group"), next;
		for my $text (parts(',', $names)) {
			my ($name, @cases) = item($text) or next;
			my @files = files_of($group, $name);

			@files ? has_words($name, \@cases, @files) :
				wrong("there is no $name in the group $group");
		}
	}
}

sub check_mutants {
	for my $name (parts(',', shift)) {
		-f "tests/mutants/$name.patch" or wrong("there is no mutant $name");
	}
}

my %check = (code => \&check_code, tests => \&check_tests, mutants => \&check_mutants);

sub check_row {
	my ($number, %field) = @_;

	$row++;
	wrong("its number is $number") if $number != $row;
	for my $name (@MUST) {
		wrong("there is no $name") if ($field{$name} // '') eq '';
	}
	for my $name (sort keys %field) {
		wrong("what is '$name'?") unless grep { $_ eq $name } @MUST, @MAY;
		$check{$name}->($field{$name}) if $check{$name} && $field{$name} ne '';
	}
}

sub check_all {
	my ($text) = @_;
	my (@rows, $now);

	for (split /\n/, $text) {
		if (/^(\d+)\. \S/) {
			push @rows, [$1];
			$now = undef;
		} elsif (@rows && /^    (\w+):\s*(.*)$/) {
			push @{$rows[-1]}, $1, $2;
			$now = \$rows[-1][-1];
		} elsif ($now && /^ {15}(\S.*)$/) {
			$$now .= " $1";
		} elsif (@rows && /\S/) {
			$row = @rows;
			wrong("what is this? $_");
		}
	}
	$row = 0;
	wrong('there are no rows') unless @rows;
	check_row(@$_) for @rows;
}

chdir dirname($0) . '/../..' or die "$0: $!\n";
check_all(slurp($file));
exit $bad;
