#!/usr/bin/env perl
#
# Goal: under a scheduler that chooses every step, with the memory that C11
# promises instead of this machine's, and with kills at any step, nobody
# sleeps who has work to do, and published messages are whole and in one
# order.
#
# The memory is first checked by its litmus tests.

use strict;
use warnings;
use Test::More;

my $program = 'tests/schedule/schedule';
plan skip_all => 'the scheduler is written for Linux' if !-x $program;

# Its output, and whether it found nothing.
sub schedule {
	my @out = qx{$program @_ 2>&1};
	return ($? == 0, @out);
}

sub shown {
	my ($well, @out) = @_;
	diag(@out[0 .. ($#out < 60 ? $#out : 60)]) if !$well;
	return $well;
}

my ($well, @out) = schedule('-l');
ok(shown($well, grep { /^not ok/ } @out),
    'the memory shows what RC11 allows, and nothing that it forbids');
cmp_ok(scalar(grep { /^ok/ } @out), '>=', 50, 'in all of its litmus tests');

for my $scenario (qw(own lock pass wake stop late ring roster copy talk flow
    press)) {
	($well, @out) = schedule('-n', 2000, $scenario);
	ok(shown($well, @out), "none of 2000 schedules breaks $scenario");
}

($well, @out) = schedule('-b', 2, 'lock');
ok(shown($well, @out),
    'nor any of lock with two preemptions, kills or old loads');
like("@out", qr/all with bound 2,/, 'and these are all scenarios');

# Schedules by which production has failed: an alarm that came with a post.
for my $failed ('130:4 131:1 203:6 267:1 417:5') {
	($well, @out) = schedule("-r '$failed'", 'flow');
	ok(shown($well, @out), "schedule $failed of flow fails no more");
}

# A failure that was found late, in this program and in another.
my $weak = "-w 'ipc/bus/lock.c lock_try load(&b->segment->owner)'";
my $failure = 'waits for a lock that is free';
($well, @out) = schedule('-b', 2, $weak, 'lock');
my ($again) = grep { /^-r / } @out;
ok(!$well && $out[-1] =~ /$failure/, 'a schedule is shown as it failed')
    or diag(@out);
($well, @out) = schedule($weak, $again // '');
like($out[-1], qr/$failure/, 'and can be repeated');

my @mutants = qx{tests/schedule/mutants -l 2>&1};
ok($? == 0, 'each mistake that it must find can still be made, and each that '
    . 'is harmless')
    or diag(@mutants);

done_testing;
