#!/usr/bin/env perl
#
# Each rung of the course's ladder passes and fails the levels of chattest that
# its verdicts name: a checker that cannot fail would be none.

use strict;
use warnings;
use lib 'tests/lib';
use Ladder;
use Test::More;

my %verdict = Ladder::verdicts();
for my $rung (sort keys %verdict) {
	my $v = $verdict{$rung};
	# What must pass has time; what must fail shows it sooner.
	Ladder::has_verdicts($rung, $v, 30,
	    grep { $v->{$_} ne '-' } sort keys %$v);
	my @fails = grep { $v->{$_} eq '-' } sort keys %$v;
	Ladder::has_verdicts($rung, $v, 5, @fails) if @fails;
}
done_testing();
