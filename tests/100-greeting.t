# Goal: a new connection is greeted at once and told how to go on; the client
# may ask for help, list the clients and leave before giving a name.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $room = Room->start;
my $alice = $room->enter('alice');

my $guest = $room->connect;
my @greeting = $guest->expect(qr/name/);
pass('the server asks for a name without being asked');
my $greeting = join "\n", @greeting, $guest->until_now;
like($greeting, qr/!help/, 'the greeting says how to get help');
like($greeting, qr/!quit/, 'the greeting says how to leave');
is((grep { !/^-- / } split /\n/, $greeting), 0,
    'the greeting is in the plain form');

my @help = $guest->say('!help')->until_now;
like("@help", qr/!quit/, 'a client can get help before it has a name');
$guest->say('!who')->sees(qr/^-- 1 here: alice$/,
    '!who works before the client has a name, and does not count it');

$alice->say('a secret')->expect('<alice> a secret');
is(join("\n", $guest->until_now), '',
    'a client without a name hears nothing of the room');

$guest->say('')->say('')->say("\r");
is(join("\n", $guest->until_now), '', 'empty lines are no names');

$guest->say('!quit')->sees(qr/^-- goodbye \(quit\)$/,
    'a guest can leave before giving a name');
$guest->ends('and the connection is closed');

my $silent = $room->connect;
$silent->expect(qr/name/);
$silent->half_close->rest;
pass('the session of a guest who says nothing and hangs up ends');

is(join("\n", $alice->until_now), '', 'the room saw nothing of the guests');
$room->stop;
done_testing;
