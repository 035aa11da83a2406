# Goal: a session can be ended like any process.  TERM is a polite kick, and
# so is KILL; the room continues, the leave is announced, and name and slot
# are free.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(qr/died of signal 9; recovered/, qr/bob left \(killed\)/);
Room::allows(qr/refused: the room is full: try again later/);

my $room = Room->start('-m', 2);
my $alice = $room->enter('alice');

for my $round (1 .. 5) {
	my $bob = $room->enter('bob');
	$alice->expect('-- bob joined');
	kill 'KILL', $room->session_of('bob');
	$alice->next_is('-- bob left (killed)',
	    "round $round: the others see that bob was killed");
	is(join("\n", $bob->rest), '', 'the connection is closed');
	$alice->say("still here $round");
	$alice->next_is("<alice> still here $round", 'and the room goes on');
}

my $bob = $room->enter('bob');
pass('name and slot are free again');
$alice->expect('-- bob joined');
kill 'TERM', $room->session_of('bob');
$bob->next_is('-- goodbye (killed)', 'TERM sends the goodbye');
$bob->ends('before the connection is closed in order');
$alice->next_is('-- bob left (killed)', 'and the others see it');

# The place is free when the parent has reaped; only trying tells.
my $guest = Wait::until_true(sub {
	my $one = $room->connect;
	return ($one->lines_until(qr/name/))[0] ? $one : undef;
}, 0.05);
ok($guest, 'and the place is free again');
$room->eventually(sub { $room->children >= 2 }, 'a guest has a process too');
my ($nameless) = grep { $_->{title} !~ /alice/ && $_->{title} !~ /waker/ }
    $room->children;
kill 'KILL', $nameless->{pid};
is(scalar $guest->rest, 0, 'killed before it has a name, it is gone');
is(join("\n", $alice->until_now), '', 'and the room sees nothing');

$alice->say('still works');
$alice->sees('<alice> still works', 'the room goes on');
$room->eventually(sub { !$room->zombies }, 'no zombie stays');

# Killed while it talks as fast as it can, wherever it is at that moment.
$room->signal('TERM');
$room->exit_status;
$room = Room->start;
my $tess = $room->enter('tess', tsv => 1);
for my $round (1 .. 10) {
	my $talker = $room->enter('talker');
	my $pid = $room->session_of('talker');
	$talker->say("round $round line $_") for 1 .. 2000;
	$tess->expect(qr/ line @{[50 * $round]}$/);
	kill 'KILL', $pid;
	my @lines = $tess->expect(qr/\tleave\ttalker\tkilled$/);
	my @said = map { / line (\d+)$/ ? $1 : () } @lines;
	is("@said", "@{[50 * $round + 1 .. 50 * $round + @said]}",
	    'each line of a client that is killed while it talks was '
	    . 'heard whole or not at all');
	$talker->rest;
}
$tess->say('!me goes on');
$tess->sees(qr/\tme\ttess\tgoes on$/, 'and the room goes on');
$room->stop;
done_testing;
