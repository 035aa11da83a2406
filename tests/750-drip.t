#!/usr/bin/env perl
#
# Goal: clients that send byte by byte get their names and messages into the
# room, and keep nobody else waiting.
#
# $SWARM_DRIPS (50) of them, a byte each $SWARM_MS (100) ms; tests/chaos/drip.t
# has 1,000, and a byte a second.

use strict;
use warnings;
use lib 'tests/lib';
use Usage;
use List::Util qw(max);
use Room;
use Swarm;
use Test::More;
use Time::HiRes qw(time);
use Wait;

my $drips = $ENV{SWARM_DRIPS} // 50;
my $ms = $ENV{SWARM_MS} // 100;
$Wait::LIMIT = 120;

my $room = Room->start('-m', $drips + 10);
my $usage = Usage->start($room);
my ($alice, $bob) = map { $room->enter($_) } qw(alice bob);
my $swarm = Swarm->start($room, 'drip', $drips, $ms);
my ($said, @took, %seen) = (0);
Wait::until_true(sub {
	my $begin = time;
	$alice->say('line ' . ++$said);
	for ($bob->expect("<alice> line $said")) {
		$seen{$1}++ if /^(?:-- |<)d\d+(>.*| joined)$/;
	}
	push @took, time - $begin;
	return $swarm->out =~ /dripped/;
}, 0.001);
$seen{$_}++ for map { /^(?:-- |<)d\d+(>.*| joined)$/ } $bob->until_now;
is_deeply(\%seen, { ' joined' => $drips, '> slowly' => $drips },
    "$drips clients that send a byte each $ms ms join and publish whole lines");
note $swarm->out;
cmp_ok(max(@took), '<', 5, 'while a fast one never waits for them');
note sprintf '%d lines of it, the slowest took %.0f ms', $said,
    1000 * max(@took);
$swarm->end->status;
$_->say('!quit')->rest for $alice, $bob;
$usage->unchanged;
$room->stop;
done_testing();
