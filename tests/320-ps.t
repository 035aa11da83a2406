# Goal: ps shows the room, signals administer it, and the log tells who joins
# and leaves, but never what is said.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

plan skip_all => 'an emulator keeps titles from ps' if $ENV{QEMU};
my $room = Room->start('-m', 20);
my $port = $room->port;

sub titled {
	my ($wanted) = @_;
	return Wait::until_true(sub {
		return grep { $_->{title} =~ $wanted } $room->family;
	}, 0.05);
}

my $alice = $room->enter('alice');
my $bob = $room->enter('bob');
$alice->expect('-- bob joined');
ok(titled(qr/chatserv.*\balice 127\.0\.0\.1/),
    'ps shows the name and address of each client');
ok(titled(qr/chatserv.*$port.*\b2 of 20 clients/),
    'and the port and the number of clients of the parent');
my $guest = $room->connect;
ok(titled(qr/chatserv.*$port.*\b3 of 20 clients/),
    'which includes one without a name');
$alice->say('!name ally')->expect('-- alice is now ally');
ok(titled(qr/chatserv.*\bally 127\.0\.0\.1/), 'a new name is shown too');
$bob->say('!quit')->rest;
$alice->expect('-- bob left (quit)');
ok(titled(qr/chatserv.*$port.*\b2 of 20 clients/),
    'and the number after one has left');

$room->logs(qr/127\.0\.0\.1.*alice/, 'the log tells who joins');
$room->logs(qr/bob left \(quit\)/, 'and who leaves');
$alice->say('my secret')->expect('<ally> my secret');
$alice->say('!msg ally my secret')->expect('<ally>ally> my secret');
$room->signal('USR2');
$room->logs(qr/127\.0\.0\.1.*\bin 2\b/,
    'USR2 logs a line of figures for each child');
kill 'HUP', -$room->pid;	# as a terminal that goes does to all
$room->signal('USR2');
$room->logs(qr/(?:\bin 2\b.*){2}/s, 'HUP ends nothing');
$alice->say('still here');
$alice->sees('<ally> still here', 'and nobody is disconnected');
unlike($room->log, qr/secret/, 'what is said is never logged');
$room->stop;
done_testing;
