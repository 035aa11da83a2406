#!/usr/bin/env perl
#
# Each fault of tests/faults can be built without a warning, and makes each of
# the tests fail that it names, which pass in the tree as it is.  A test that
# does not end has not failed.

use strict;
use warnings;
use lib 'tests/lib';
use Fault;
use Test::More;
use Tree;

my $LIMIT = 150;		# seconds, of a test
$ENV{WAIT_AT_MOST} //= 10;	# seconds, of a wait in it
my @faults = Fault->all;

# How these tests come out in the tree with this fault, or with none.
sub outcome {
	my ($fault, @tests) = @_;

	my $tree = Tree->copy;
	$fault->put_into($tree) if $fault;
	if (!eval { $tree->make_for(@tests); 1 }) {
		diag($@);
		return 'it does not build';
	}
	return join ', ', map {
		my ($result, $out) = $tree->test($LIMIT, $_);
		note $out;
		"$_ $result"
	} @tests;
}

my %named = map { $_ => 1 } map { $_->tests } @faults;
is(outcome(undef, sort keys %named), join(', ', map {"$_ passes"}
    sort keys %named), 'the tests pass without a fault');
for my $fault (@faults) {
	my @tests = $fault->tests;
	SKIP: {
		skip $fault->name . ' names no test', 1 if !@tests;
		is(outcome($fault, @tests), join(', ', map {"$_ fails"}
		    @tests), 'they fail of ' . $fault->name);
	}
}
done_testing();
