#!/usr/bin/env perl
#
# The search of tests/chaos/adversary finds, within ten minutes and without
# help, clients that hold a room up after one of its repairs is reverted.
#
# $ADVERSARY_SEED (1) is the search's.  Each fault runs in a copy of this tree.

use strict;
use warnings;
use lib 'tests/lib';
use Fault;
use Test::More;
use Time::HiRes qw(time);
use Tree;

my $seconds = 600;
my $seed = $ENV{ADVERSARY_SEED} // 1;

for my $fault (grep { $_->name =~ /^\d+-flow-/ } Fault->all) {
	my $tree = Tree->copy;
	$fault->put_into($tree);
	$tree->make('all', 'tests/chaos/adversary');
	my $begin = time;
	my ($status, $out) = $tree->run('tests/chaos/adversary', '-s', $seed,
	    '-t', $seconds);
	is($status >> 8, 1, 'it finds what shows ' . $fault->name)
	    or diag $out;
	like($out, qr/^# found: .*\nserver /m, 'and prints it as a script');
	note sprintf "after %.0f s\n%s", time - $begin, $out;
}
done_testing();
