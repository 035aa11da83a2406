#!/usr/bin/env perl
#
# The rung that a lab's change starts from fails the checks that the change is
# about, and passes the rest: otherwise there would be nothing to do, or more
# than the page says.

use strict;
use warnings;
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
done_testing();
