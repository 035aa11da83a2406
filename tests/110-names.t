# Goal: the server asks for a name, checks it and keeps it unique; a client
# may try five times, and for as long as -t says.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(
	qr/refused: you gave no name in time/,
	qr/refused: the name -bad .*; that was the last attempt/,
);

my $room = Room->start('-t', 30);
my $alice = $room->enter('alice');

sub refused {
	my ($name, $shown, $sentence) = @_;
	my $guest = $room->connect->say($name);
	my $error = $guest->expect(qr/^!! /);
	like($error, qr/\Q$shown\E/, "$sentence, and the error says which");
	$guest->say('!quit')->rest;
}

refused('two words', 'two words', 'a name with a space is refused');
refused("tab\tbed", 'tab', 'a name with a tab is refused');
refused("esc\033[1m", 'esc\\033[1m', 'a name with an escape is refused');
refused("broken\xfe", 'broken\\376', 'a name that is not UTF-8 is refused');
refused("over\xe2\x80\xaeride", 'over\\342\\200\\256ride',
    'a name that reorders text is refused');
refused('-n', '-n', 'a name with a leading dash is refused');
refused('#n', '#n', 'a name with a leading hash is refused');
refused("a${_}b", "a${_}b", "a name with $_ in it is refused")
    for qw(< > @ ! * : " ' \\ $ ` ; | & ( )), ',';
refused("${_}n", "${_}n", "a name that begins with $_ is refused")
    for qw(+ & % ~ $);
refused($_, $_, "$_ is no name") for qw(. ..);
refused("bob$_", 'bob', 'a name with an invisible character is refused')
    for "\xf0\x9d\x85\xb3", "\xf0\x9b\xb2\xa0", "\xf0\x96\xbf\xa4";
refused("\xcc\x81n", "\xcc\x81n",
    'a name that begins with a combining mark is refused');
refused('x' x 33, 'x' x 32, 'a name of 33 bytes is refused');
refused('alice', 'alice', 'a taken name is refused');
refused('aLiCe', 'aLiCe', 'a taken name in another case is refused');
refused('alice/2', 'alice/2', 'over TCP a name with a slash is refused');

$room->enter('x' x 32)->say('!quit')->rest;
pass('a name of 32 bytes is taken');
$room->enter("J\xc3\xbcrgen")->say('!quit')->rest;
pass('a name may have accents');

my $guest = $room->connect;

for (1 .. 4) {
	$guest->say('-bad');
	$guest->expect(qr/^!! /);
}
$guest->say('bob')->sees(qr/^-- welcome bob,/,
    'after four bad names a good one is welcome');

$guest = $room->connect->send("-bad\n" x 5);
my @lines = grep { /^!! / } $guest->rest;
cmp_ok(@lines, '>=', 5, 'each of five bad names gets its error');
$alice->expect('-- bob joined');
is(join("\n", grep { !/bob/ } $alice->until_now), '',
    'after them the connection is closed, and the room saw nothing');

$room->stop;

$room = Room->start('-t', 3);
my $silent = $room->connect;
my $slow = $room->connect->send('half a na');
my $tsv = $room->connect->send("!tsv\n-bad\n");
like(($silent->rest)[-1], qr/^!! /,
    'a client that gives no name in time is told so and disconnected');
like(($slow->rest)[-1], qr/^!! /, 'half a name in time is no name');
like(($tsv->rest)[-1], qr/^-\terr\t\t/,
    'a client that requested TSV is told so in TSV');
$room->stop;
done_testing;
