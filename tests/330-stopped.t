# Goal: a session that is stopped, and a waker that is stopped or killed, hold
# nobody up for long: the room continues, and a client that is continued is
# told what it lost.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(
	qr/the waker died; recovered/,
	qr/the waker was stopped: killed/,
);
Room::allows(qr/bob lapped, lost \d+ events/);

my $LINES = 2000;

my $room = Room->start('-r', '64k');
my $alice = $room->enter('alice', tsv => 1);
my $bob = $room->enter('bob', tsv => 1);
my $carol = $room->enter('carol');
$_->expect(qr/\tjoin\tcarol\t/) for $alice, $bob;
my $pid = $room->session_of('bob');

kill 'STOP', $pid;
$carol->say('x' x 100 . " $_") for 1 .. $LINES;
my @published = $alice->expect(qr/ $LINES$/);
is(@published, $LINES, 'while one session is stopped the room goes on');
kill 'CONT', $pid;
my @got = $bob->expect(qr/ $LINES$/);
my ($lost) = map { /^-\tlost\t\t(\d+)$/ ? $1 : () } @got;
ok($lost, 'once continued, it is told what it lost');
is($lost + @got - 1, $LINES, 'received and lost are all there was');
is("@got[-10 .. -1]", "@published[-10 .. -1]", 'to the last one');

# More sleepers than a publisher wakes itself, and nobody to wake the rest.
my @crowd = map { $room->enter("c$_") } 1 .. 40;
my $last = $crowd[-1];
for my $round (1 .. 6) {
	my ($waker) = grep { $_->{title} =~ /waker/ } $room->children;
	kill $round % 2 ? 'KILL' : 'STOP', $waker->{pid};
	$last->say("round $round $_") for 1 .. 20;
	$_->expect("<c40> round $round 20") for @crowd;
	$room->eventually(
	    sub { grep { $_->{title} =~ /waker/ && $_->{pid} != $waker->{pid} }
	    $room->children }, 'a waker that is ' .
	    ($round % 2 ? 'killed' : 'stopped') . ' is replaced');
}
pass('and everyone receives everything nevertheless');
$room->stop;
done_testing;
