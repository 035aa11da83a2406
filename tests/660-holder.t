#!/usr/bin/env perl
#
# Goal: a session that is stopped while it holds the lock holds up writers for
# some seconds, and readers not at all; then it is killed.  If the parent is
# dead, nobody waits for the lock for ever.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;
use Wait;

Room::expects(
	qr/stopped with the lock: killed/,
	qr/died of signal 9; recovered/,
);

sub hold {
	my ($room, $pid) = @_;
	kill 'STOP', $pid;
	system('tests/chaos/hold', '/chatserv.' . $room->port, $pid) == 0
	    or die "cannot hold the lock of port $room->{port}\n";
}

my $room = Room->start;
my $alice = $room->enter('alice');
my $bob = $room->enter('bob');
my $mallory = $room->enter('mallory');
$alice->expect('-- mallory joined');
my $pid = $room->session_of('mallory');

hold($room, $pid);
$alice->say('anyone?');
$bob->say('!nonsense');
$bob->sees(qr/^!! /,
    'while the lock is held, answers that need no lock arrive');
$room->logs(qr/pid $pid: stopped with the lock: killed\n/,
    'a session that was stopped with the lock is killed');
my @two = ('-- mallory left (killed)', '<alice> anyone?');
for my $one ($alice, $bob) {
	is(join("\n", sort $one->line, $one->line), join("\n", @two),
	    'then waiting lines are published, and its leave announced');
	is(join("\n", $one->until_now), '', 'each once');
}
$room->eventually(sub { !$room->zombies }, 'no zombie remains');

# A session that holds it for a moment is not killed.
$mallory = $room->enter('mallory');
$pid = $room->session_of('mallory');
kill 'STOP', $pid;
$alice->say("without mallory $_") for 1 .. 100;
$bob->sees('<alice> without mallory 100',
    'one that is stopped without the lock delays nobody');
kill 'CONT', $pid;
$mallory->sees('<alice> without mallory 100',
    'and continues as if nothing had happened');

# The parent is killed while one session sleeps on the semaphore.  It is stopped
# before, or on a slow machine it would have ended the holder by then.
$room->signal('STOP');
hold($room, $pid);
$alice->send("the last words\n!quit\n");
my $sleeper = $room->session_of('alice');
$room->eventually(sub {
	my ($one) = grep { $_->{pid} == $sleeper } $room->children;
	return $one->{state} =~ /^S/ && $one->{title} =~ /alice/;
}, 'a session waits for the lock');
kill 'KILL', $room->pid;
is(($alice->rest)[-1], '-- goodbye (server stopping)',
    'when the parent is killed, sessions that wait for the lock exit, and no quit '
    . 'is confirmed before its lines are published');
is(($bob->rest)[-1], '-- goodbye (server stopping)',
    'and so do those that read');
kill 'CONT', $pid;
$mallory->rest;
is($room->exit_status, -9, 'and a continued one, so that none remains');

# The dead one's hold in the old segment does not affect the new one.
$room = Room->start('--', '127.0.0.1', $room->port);
my $carol = $room->enter('carol', last => 1);
is($carol->{entry}[1], '<alice> without mallory 100',
    'the next server has all that was said');
$carol->say('hello');
$carol->sees('<carol> hello', 'and its lock is free');
$room->stop;
done_testing();
