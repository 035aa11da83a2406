# Goal: whatever clients do, others wait no longer than the room promises, and
# it stops in order.  The worst scripts that a search has found
# (tests/chaos/adversary.d) run again, and then briefly scripts of a new
# search.
#
# $ADVERSARY_SEED repeats a search; tests/chaos/adversary.t searches longer.

use strict;
use warnings;
use lib 'tests/lib';
use IO::Socket::INET;
use Test::More;

my $seconds = $ENV{ADVERSARY_SECONDS} // 3;
my $seed = $ENV{ADVERSARY_SEED} // 1;

plan skip_all => 'there is no 127.0.0.2 to attack from'
    if !IO::Socket::INET->new(LocalAddr => '127.0.0.2', Listen => 1);
my @worst = sort glob 'tests/chaos/adversary.d/*';
my @found;

# What is found shows again; what a machine does that lets nobody run for a
# while does not.
for (1, 2) {
	open my $search, '-|', 'tests/chaos/adversary', '-s', $seed, '-t',
	    $seconds, @worst or die "tests/chaos/adversary: $!\n";
	@found = <$search>;
	close $search;
	last if $? == 0;
	note @found;
}
is($?, 0, 'nothing that clients do makes others wait longer than promised')
    or diag "seed $seed\n", @found;
is((grep { my $file = $_; grep { /^# \Q$file\E: waits/ } @found } @worst),
    @worst, 'and each of the worst was tried');
note "seed $seed\n", @found;
done_testing();
