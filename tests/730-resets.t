#!/usr/bin/env perl
#
# Goal: connections that are reset as soon as they are made, one after
# another, disturb nobody and leave nothing behind.
#
# $SWARM_RESETS (500) of them; tests/chaos/resets.t has 50,000.

use strict;
use warnings;
use lib 'tests/lib';
use Usage;
use Room;
use Swarm;
use Test::More;
use Wait;

Room::allows(qr/refused: the room is full: try again later/);

my $resets = $ENV{SWARM_RESETS} // 500;
$Wait::LIMIT = 120;

my $room = Room->start;
my $usage = Usage->start($room);
my ($alice, $bob) = map { $room->enter($_) } qw(alice bob);
my $swarm = Swarm->start($room, 'reset', $resets);
my $said = $swarm->meanwhile($alice, $bob);
is($swarm->end->status, 0, "while $resets connections are reset in a row");
note $swarm->out;
cmp_ok($said, '>', 1, 'others talk on');
note "$said lines";
$_->say('!quit')->rest for $alice, $bob;
$usage->unchanged;
$room->stop;
done_testing();
