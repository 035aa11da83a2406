# Goal: a session that has published a message waits at once for the next
# event, and does not first look at its client without waiting.

use strict;
use warnings;
use lib 'tests/lib';
use Faults;
use Room;
use Test::More;

my $missing = Faults::missing($Room::PROGRAM);
plan skip_all => $missing if $missing;

my $faults = Faults->new(1);
my $room = do {
	local %ENV = (%ENV, $faults->environment);
	Room->start;
};
my $lines = 200;
my $alice = $room->enter('alice');
$alice->until_now;
my $before = $faults->polls;
# Alone: what others say may come just before the sleep.
$alice->say("line $_")->expect("<alice> line $_") for 1 .. $lines;
is($faults->polls - $before, 0,
    "after none of $lines lines a session polls without waiting");
$room->stop;
done_testing();
