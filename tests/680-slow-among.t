#!/usr/bin/env perl
#
# Goal: when one of twenty clients is stopped, then several at once, the
# others wait a second in all and continue; the stopped clients are told
# exactly how much they lost, and receive everything after it.
#
# $SLOW_LINES lines (10,000) are said in each phase.  With $SLOW_RATIO, which
# wants many lines and a quiet machine, the room must be at least so fast
# with a stopped client as without, in percent, in the mean of two rounds after
# a phase that warms it up.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
use List::Util qw(sum);
use Room;
use Test::More;
use Time::HiRes qw(time);
use Wait;

Room::expects(qr/idle\d+ lapped, lost \d+ events/);
Room::allows(qr/ear\d+ lapped, lost \d+ events/);

my $lines = $ENV{SLOW_LINES} // 10_000;
my $ratio = $ENV{SLOW_RATIO};
my $clients = 20;
my $several = 10;

$Wait::LIMIT = 120;
my $room = Room->start(qw(-r 256k));
my $dir = File::Temp->newdir;

# Twice as much as sockets hold, or nobody would be overtaken.
my $text = 'x' x 500;
open my $file, '>', "$dir/in" or die "$dir/in: $!\n";
print $file "$text $_\n" for 1 .. $lines;
close $file;

# The last of the twenty is the one that speaks.  They write to files: the
# test itself would be the slowest reader.
my @ears = map {
	open my $out, '>', "$dir/$_" or die "$dir/$_: $!\n";
	Chatc->in_room($room, out => $out, '--', qw(-r -d -n), "ear$_", '-m',
	    '^the end$');
} 1 .. $clients - 1;
$room->session_of("ear$_") for 1 .. $clients - 1;
my $said = 0;

# Seconds until the speaker has its last echo.
sub phase {
	open my $in, '<', "$dir/in" or die "$dir/in: $!\n";
	my $begin = time;
	my $mouth = Chatc->in_room($room, in => $in, '--', qw(-q -n mouth));
	Wait::until_true(sub { $mouth->ended }, 0.005);
	my $took = time - $begin;
	$mouth->status == 0 or die 'chatc: ' . $mouth->err;
	$said += $lines;
	return $took;
}

# Measures without a stopped client, with one that has just stopped, for which
# the others wait a second, and with one that has been stopped; and again.
phase() if $ratio;
my %fast;
for (1 .. ($ratio ? 2 : 1)) {
	push @{ $fast{without} }, phase();
	$ears[0]->signal('STOP');
	push @{ $fast{waiting} }, phase();
	push @{ $fast{with} }, phase();
	$ears[0]->signal('CONT');
	phase() if $ratio;
}
my %mean = map { $_ => sum(@{ $fast{$_} }) / @{ $fast{$_} } } keys %fast;
pass('with one client stopped the others continue');
note sprintf 'one of %d stopped: %.0f lines a second, %.0f without: %.0f %%; '
    . '%.2f s of waiting', $clients, $lines / $mean{with},
    $lines / $mean{without}, 100 * $mean{without} / $mean{with},
    $mean{waiting} - $mean{without};
cmp_ok(100 * $mean{without} / $mean{with}, '>=', $ratio,
    "at $ratio percent of their speed or more") if $ratio;
# Several that take the same few bytes, so that all of them stop at once.
my @idle = map { $room->enter("idle$_", tsv => 1, rcvbuf => 1 << 14)->freeze }
    1 .. $several;
my $together = phase();
phase();
cmp_ok($together - $mean{without}, '<', $several - 2,
    "$several that stop at once cost one wait, not one after another");
note sprintf 'with %d stopped at once: %.2f s for the first %d lines',
    $several, $together, $lines;
$_->thaw for @idle;
phase();

my $end = $room->enter('the_end');
$end->say('the end')->expect('<the_end> the end');
is(join(' ', map { $_->status } @ears), join(' ', (0) x @ears),
    'everyone gets the last line');

# A client's output: IDs of records, and numbers of lost ones below 0.
sub transcript {
	return map { /^-\tlost\t\t(\d+)$/ ? -$1 : /^(\d+)\t/ ? $1 : () } @_;
}

# Of those that arrived one by one, after everyone had joined.
sub transcript_of_ear {
	my ($n) = @_;

	open my $out, '<', "$dir/$n" or die "$dir/$n: $!\n";
	while (<$out>) {
		return transcript($_, <$out>) if /^\d+\tjoin\tmouth\t/;
	}
	return;
}

my @all = transcript_of_ear(2);
cmp_ok(scalar @all, '>', $said, 'one that was not stopped has it all');
is(join(' ', transcript_of_ear($clients - 1)), join(' ', @all),
    'so has another, in the same order');

# Compare a client's output with the whole: it begins at its own join.
sub nothing_is_unaccounted_for {
	my ($who, @transcript) = @_;
	my ($lost, $wrong, $at) = (0, 0, 0);

	$at++ while $at < @all && $all[$at] != $transcript[0];
	for (@transcript) {
		$at -= $_, $lost -= $_ if $_ < 0;
		$wrong++ if $_ >= 0 && $all[$at++] != $_;
	}
	ok($lost, "$who, that was stopped, was told what it lost");
	is($wrong, 0, 'and had everything else, in order');
	is($at, scalar @all, 'so that nothing is unaccounted for');
}

nothing_is_unaccounted_for('the client', transcript_of_ear(1));
for my $idle (@idle) {
	nothing_is_unaccounted_for($idle->{name}, transcript(@{ $idle->{entry} },
	    $idle->expect(qr/\tthe end$/)));
}
$room->stop;
done_testing();
