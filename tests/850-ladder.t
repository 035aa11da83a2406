#!/usr/bin/env perl
#
# Goal: the checker of the course sees what a server lacks, and nothing that it
# does not lack; here on two rungs of the ladder, on some of the zoo and this
# server, on all of them in "make chaos".

use strict;
use warnings;
use lib 'tests/lib';
use Ladder;
use Room;
use Test::More;

my %verdict = Ladder::verdicts('ladder');
plan skip_all => 'the ladder is not built' if grep { !-x }
    'contrib/course/ladder/4-shared', 'contrib/course/ladder/6-woken';
Ladder::has_verdicts('ladder', '6-woken', $verdict{'6-woken'}, 10, 1 .. 5, 7, 8);
Ladder::has_verdicts('ladder', '4-shared', $verdict{'4-shared'}, 3, 1, 7);
my %zoo = Ladder::verdicts('zoo');
Ladder::has_verdicts('zoo', 'none', $zoo{none}, 20, 1 .. 5, 7, 8);
Ladder::has_verdicts('zoo', 'doubles', $zoo{doubles}, 10, 1, 3);
Ladder::has_verdicts('zoo', 'shuffles', $zoo{shuffles}, 10, 7);
Ladder::has_verdicts('zoo', 'closes', $zoo{closes}, 1, 1);
my $room = Room->start;
Room::allows(qr/.*/);
for my $dialect (qw(chatproto irc)) {
	my @lines = `contrib/course/chattest -d $dialect -t 20 -l 1-5,7 $room->{host} $room->{port}`;
	is(scalar(grep {/^ok/} @lines), 6, "chatserv passes, in $dialect") or
	    diag(@lines);
}
$room->stop;
done_testing();
