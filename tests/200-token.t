# Goal: the token from the welcome takes over a name from a connection that
# the server does not yet know to be dead; the room sees neither leave nor
# join.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(qr/bob left \(replaced\)/);

my $room = Room->start;
my $alice = $room->enter('alice');
my $bob = $room->enter('bob', tsv => 1);
$alice->expect('-- bob joined');
my ($token) = $bob->{entry}[0] =~ /\t([0-9a-f]+)$/;
my $other = $room->enter('other', tsv => 1);
$_->expect(qr/other/) for $alice, $bob;

# Without it, or with another one, the name stays taken.
my $thief = $room->connect->say('bob');
$thief->sees(qr/^!! .*bob/, 'without the token the name is taken');
$thief->say('!quit')->rest;
my ($wrong) = $other->{entry}[0] =~ /\t([0-9a-f]+)$/;
$thief = $room->connect->say("!token $wrong")->say('bob');
$thief->sees(qr/^!! /, "with another one's token too");
$thief->say('!quit')->rest;
(my $near = $token) =~ tr/0-9a-f/1-9a-f0/;
$thief = $room->connect->say("!token $near")->say('bob');
$thief->sees(qr/^!! /, 'with a guessed token too');
$thief->say('!quit')->rest;
is(join("\n", $bob->until_now), '', 'and its owner notices nothing');

my $back = $room->connect;
$back->say('!tsv')->say("!token $token")->say('bob');
my @entry = $back->expect(qr/^-\twho\t\t3$/);
like($entry[-2], qr/^-\thello\tbob\t[0-9a-f]+$/,
    'with the token the name is welcome');
$bob->sees(qr/^-\tbye\tbob\treplaced$/, 'the old connection is told why');
$bob->ends('and closed');
is(join("\n", $alice->until_now), '', 'the room sees neither leave nor join');

$back->say('here again');
$alice->next_is('<bob> here again', 'the new connection speaks');
$alice->say('welcome back');
$back->sees(qr/\tmsg\talice\twelcome back$/, 'and hears');
$alice->say('!who')->sees(qr/^-- 3 here: /, 'the room is as large as before');

# In other letters it is still the name that everyone knows.
my $loud = $room->connect->say('!tsv')->say("!token $token")->say('BOB');
$loud->sees(qr/^-\thello\tbob\t$token$/,
    'a name that is taken over keeps its spelling');
$back->expect(qr/\tbye\t/);
$loud->say('loud')->expect(qr/\tmsg\tbob\tloud$/);
$alice->next_is('<bob> loud', 'in what it says');
# Their order is that of the slots, and of those a free one is used again.
my ($here) = map { /^-- 3 here: (.*)/ }
    $alice->say('!who')->expect(qr/^-- 3 here: /);
is(join(' ', sort split / /, $here // ''), 'alice bob other',
    'and in the list of clients');
ok($room->session_of('bob'), 'to ps');
$room->logs(qr/(?:joined as bob\n.*?){3}/s, 'and in the log');
unlike($room->log, qr/BOB/, 'everywhere');
$back = $loud;

my ($new) = $entry[-2] =~ /\t([0-9a-f]+)$/;
$back->reset;
$alice->sees('-- bob left (connection lost)', 'when it goes, the room sees it');
my $again = $room->connect;
$again->say("!token $new")->say('bob');
$again->sees(qr/^-- welcome bob, 3 here: /,
    'the token of a client that has left does no harm');
$alice->sees('-- bob joined', 'and the name joins as usual');
$room->stop;
done_testing;
