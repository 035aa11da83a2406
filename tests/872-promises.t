#!/usr/bin/env perl
#
# Goal: each promise of tests/promises names a test that exists, with an
# assertion of it, and a fault that can be put into this tree, exactly where
# it belongs.  tests/promises/try checks that the assertions fail.

use strict;
use warnings;
use lib 'tests/lib';
use Promise;
use Test::More;

my %seen;
my @promises = Promise->all;
for my $promise (@promises) {
	my $what = $promise->what;

	is($promise->misfit, '', "the fault fits: $what");
	ok(-e $promise->test || -e $promise->test . '.c', 'its test exists');
	isnt($promise->fails, '', 'and an assertion of it is named');
	ok(!$seen{$what}++, 'it is promised once');
}
cmp_ok(scalar @promises, '>=', 80, 'there are some');
done_testing();
