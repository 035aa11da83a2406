#!/usr/bin/env perl
#
# Each rung of the course's ladder, and each server of its zoo, passes and fails
# the levels of chattest that its verdict names: a checker must be able to fail.

use strict;
use warnings;
use lib 'tests/lib';
use Ladder;
use Test::More;

for my $kind (qw(ladder zoo)) {
	my %verdict = Ladder::verdicts($kind);
	for my $name (sort keys %verdict) {
		my $v = $verdict{$name};
		# A level that must pass has time; a failure shows sooner.
		Ladder::has_verdicts($kind, $name, $v, 30,
		    grep { $v->{$_} ne '-' } sort keys %$v)
		    if grep { $_ ne '-' } values %$v;
		my @fails = grep { $v->{$_} eq '-' } sort keys %$v;
		Ladder::has_verdicts($kind, $name, $v, 5, @fails) if @fails;
	}
}
done_testing();
