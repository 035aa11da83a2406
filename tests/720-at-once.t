#!/usr/bin/env perl
#
# Goal: a multitude of clients that connects at once is admitted as far as
# there are places, and the others are told why not; the clients in the room
# talk on, and nothing is left of the multitude when it has gone.
#
# $SWARM_CLIENTS (250) at once; tests/chaos/at_once.t has 5,000.

use strict;
use warnings;
use lib 'tests/lib';
use Usage;
use Room;
use Swarm;
use Test::More;
use Wait;

Room::expects(qr/refused: the room is full: try again later/);
Room::allows(qr/refused: you gave no name in time/);

my $clients = $ENV{SWARM_CLIENTS} // 250;
my $places = $clients / 5;
$Wait::LIMIT = 120;

# Have them connect, and leave when the code is done; how many were greeted,
# refused, and not even told.
sub swarm {
	my ($room, $code) = @_;

	my $swarm = Swarm->start($room, 'connect', $clients);
	$swarm->expect(qr/ lost .*\n/);
	note $swarm->out;
	$code->();
	$swarm->end->status;
	return $swarm->out =~ /(\d+) greeted, (\d+) refused, (\d+) lost/;
}

for my $m ($clients + 2, $places) {
	my $room = Room->start('-m', $m);
	my $usage = Usage->start($room);
	my @inside = map { $room->enter($_) } qw(alice bob);
	$inside[0]->expect('-- bob joined');
	my @answers = swarm($room, sub {
		$inside[0]->say('we talk on');
		$inside[1]->sees('<alice> we talk on',
		    "while $clients connect at once others talk on");
	});
	my $let_in = $m - 2 < $clients ? $m - 2 : $clients;
	# In the spare places some are greeted as well, but cannot join.
	my ($greeted, $refused, $lost) = @answers;
	is($greeted + $refused, $clients, 'all are greeted or told why not');
	is($lost, 0, 'none is lost');
	cmp_ok($greeted, $let_in < $clients ? '>' : '==', $let_in,
	    "of $clients at once, $let_in have a place");
	is(join(' ', $inside[1]->until_now), '',
	    'and the room sees nothing of it');
	$room->eventually(sub {
		$refused == (() = $room->log =~ /port \d+: refused: the room/g)
	}, 'each refusal is logged');
	$_->say('!quit')->rest for @inside;
	$usage->unchanged;
	$room->stop;
}
done_testing();
