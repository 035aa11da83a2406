#!/usr/bin/env perl
#
# Goal: $CHAOS_SCHEDULES random schedules (20,000) of each scenario of
# tests/schedule, from seed $CHAOS_SEED (1) on, break nothing, nor does any of
# the smallest with up to three preemptions, kills and old loads; and the
# scheduler finds each fault, and each mistake of the Spin models, that can be
# put into the bus.

use strict;
use warnings;
use Test::More;

my $program = 'tests/schedule/schedule';
plan skip_all => 'the scheduler is written for Linux' if $^O ne 'linux';

sub run {
	my ($name, @command) = @_;

	my @out = qx{@command 2>&1};
	ok($? == 0, $name) or diag(@out > 99 ? @out[0 .. 99] : @out);
	note(grep { !/^ / } @out);
}

my $n = $ENV{CHAOS_SCHEDULES} // 20_000;
my $seed = $ENV{CHAOS_SEED} // 1;
run("$n schedules of each, from seed $seed", $program, '-n', $n, '-s', $seed);
run('all of lock with bound 3', $program, '-b', 3, 'lock');
run('all of pass with bound 2', $program, '-b', 2, 'pass');
run('faults and twins are found', 'tests/schedule/mutants', 'fault', 'twin');

done_testing;
