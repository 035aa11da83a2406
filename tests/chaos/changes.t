#!/usr/bin/env perl
#
# The rung that a lab's change starts from fails the checks that the change is
# about, and passes the rest: otherwise there would be nothing to do, or more
# than the page says.  What looks like a change and is none fails too.

use strict;
use warnings;
use File::Temp;
use POSIX ();
use lib 'tests/lib', 'contrib/course/lib';
use Change;
use Labs;
use Test::More;

# Root becomes an ordinary user.
if ($> == 0) {
	my ($uid, $gid) = (getpwnam 'daemon')[2, 3];
	plan skip_all => 'there is no user daemon' if !$uid;
	$) = "$gid $gid";
	$( = $gid;
	POSIX::setuid($uid);
	$ENV{TMPDIR} = '/tmp';
}

# What remains to be done, by lab; in 1-iterative it is nearly everything.
my %todo = (
	children => qr/^(?:level [12458]|ends)/,
	signals => qr/^counts/,
	streams => qr/^long/,
	updates => qr/^level 3/,
	killed => qr/^level 9/,
	'wake-ups' => qr/^sleeps/,
	ring => qr/^lapped/,
	pressure => qr/^level 6/,
	costs => qr/^many/);

for my $lab (grep { $_->{rung} } Labs::all()) {
	my $source = "contrib/course/ladder/$lab->{rung}.c";
	my @results = Change::results($source, 'cc', @{$lab->{checks}});
	my $todo = $todo{$lab->{name}};
	my @wrong = grep { ($_->[0] =~ $todo) != (defined $_->[1]) } @results;

	is(join(', ', map { $_->[0] } @wrong), '',
	    "$lab->{rung} has to be changed in lab $lab->{number}");
	note map {"$_->[0]: $_->[1]"} grep { defined $_->[1] } @results;
}

# A rung that was edited, as a file.
sub edited {
	my ($rung, $edit) = @_;
	my $to = File::Temp->new(SUFFIX => '.c');

	local (@ARGV, $/) = "contrib/course/ladder/$rung.c";
	print $to $edit->(<>);
	close $to;
	return $to;
}

# Whoever wakes others by a signal may choose any of 64.
for my $signal ('SIGURG', '(SIGRTMIN + 4)') {
	my $source = edited('6-woken', sub { $_[0] =~ s/SIGURG/$signal/gr });
	my ($sleeps) = Change::results("$source", 'cc', 'sleeps');

	like($sleeps->[1], qr/it needs signals/, "it sees that $signal wakes");
}
done_testing();
