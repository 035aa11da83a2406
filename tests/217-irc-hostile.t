#!/usr/bin/env perl
#
# Goal: an IRC client that registers in odd ways gets in; one that sends what
# no client should is answered, slowed down or sent away, and harms neither
# itself, nor its session, nor the room.  A seeded search invents the odd
# ways.

use strict;
use warnings;
use lib 'tests/lib';
use IRC;
use List::Util qw(shuffle);
use Room;
use Test::More;

my $SEED = $ENV{SEED} // 20261128;
my $ROUNDS = 60;

Room::allows(qr/\S+ port \d+ pid \d+: refused: that was the last attempt/);
Room::expects(qr/slow lapped, lost \d+ events/);
my $room = Room->start('-N', 'irc.example', '-r', '64k');
my $carol = $room->enter('carol', tsv => 1);

# ---- registration ----

# The lines of a registration in any order in which it can succeed, in pieces
# of any size, each sent alone.
sub register {
	my ($name) = @_;

	my @lines = ("NICK $name", 'USER u 0 * :U', 'PASS hunter2', 'PING :a',
	    'CAP LIST', 'JOIN #chat', 'NICK carol', '', 'PONG :x',
	    '@a=b :src CAP LS 302', 'CAP REQ :echo-message', 'NICK a!b');
	@lines = shuffle(@lines[0, 1], grep { rand 2 < 1 } @lines[2 .. 11]);
	# The first line says that it is IRC; the last NICK is the good one.
	unshift @lines, 'CAP LS';
	@lines = ((grep { !/^NICK/ } @lines), "NICK $name")
	    if (grep {/^NICK/} @lines)[-1] ne "NICK $name";
	push @lines, 'CAP END';
	my $bytes = join '', map { $_ . (rand 4 < 1 ? "\n" : "\r\n") } @lines;
	my $client = bless $room->connect, 'IRC';
	while (length $bytes) {
		my $n = 1 + int rand(rand 3 < 1 ? 100 : 4);
		$client->send(substr $bytes, 0, $n, '')->flush;
	}
	return ($client, join ' / ', @lines);
}

srand $SEED;
my $failed = 0;
for my $round (1 .. $ROUNDS) {
	my ($client, $lines) = register("r$round");
	next if eval { $client->expect(qr/ 366 r$round /); 1 } &&
	    eval { $client->until_now; $client->say('QUIT')->rest; 1 };
	diag("SEED=$SEED, round $round: $lines\n$@");
	$failed = 1;
	last;
}
ok(!$failed, "$ROUNDS registrations in odd order and pieces succeed");

my $nick = bless $room->connect, 'IRC';
$nick->say('USER u 0 * :U');
$nick->say('NICK carol')->expect(qr/ 433 /) for 1 .. 9;
$nick->say('NICK nick')->sees(qr/ 366 nick /, 'after nine NICKs a tenth');
$nick = bless $room->connect, 'IRC';
$nick->say('USER u 0 * :U');
$nick->say('NICK carol')->expect(qr/ 433 /) for 1 .. 10;
$nick->sees('ERROR :that was the last attempt', 'but not an eleventh');
$nick->ends('and then the connection ends');

# ---- what no client sends ----

my $mallory = IRC->enter($room, 'mallory', caps => 'message-tags batch ' .
    'server-time draft/chathistory');
my $tags = '@' . 'a' x 8000;
for my $line ("NAMES #x\rQUIT :y", "PING :a\rQUIT", "WHO \001\002\003",
    "CAP REQ :" . 'batch ' x 80, "CAP REQ :\r\n", 'MODE :', 'MODE', 'WHO :',
    'ISON' . ' mallory' x 60, 'USERHOST' . ' mallory' x 60, 'WHOIS a b c',
    'CHATHISTORY LATEST #chat * 99999999999', 'CHATHISTORY LATEST #chat * -1',
    'CHATHISTORY BETWEEN #chat * *', 'CHATHISTORY BETWEEN #chat msgid=1 3',
    '@' . 'a' x 8189 . ' PING :all', '@' . 'a' x 8190 . ' PING :one more',
    "$tags PING :x", "$tags PRIVMSG #chat :tagged", '@' . 'a' x 9000 . ' PING',
    'x' x 20000, "PRIVMSG #chat,carol :x", "PRIVMSG " . 'x' x 400 . ' :y',
    "PRIVMSG #chat :\001ACTION", "PRIVMSG #chat :\001ACTION \001",
    "PRIVMSG #chat :\001", "PRIVMSG #chat :\003", "TAGMSG #chat", 'PART :',
    'PART #chat :' . 'x' x 400, 'PART #chat', 'JOIN 0', 'JOIN #chat key',
    'NAMES ' . '#' x 500, ":a!b\@c PRIVMSG #chat :forged", 'NICK :a b',
    'NICK :', "NICK \001", 'TOPIC', "\001", "\0", "CAP", 'PASS', "USER",
    'PRIVMSG #chat', "A\xff", "PRIVMSG #chat :\xed\xa0\x80") {
	$mallory->say($line);
}
$mallory->say('PING :still here');
my @lines = $mallory->expect(qr/ PONG \S+ :still here$/);
ok(@lines > 40, 'whatever a client says, it is answered and lives on') or
    diag(@lines);
is((grep {/ CAP \S+ NAK /} @lines), 1, 'a list that is too long to repeat is refused');
is((grep {/ 417 /} @lines), 3, 'three lines were too long') or diag(@lines);
is((grep {/ PONG \S+ :all$/} @lines), 1, 'and not one with as many tags as can be');
is((grep {/ FAIL \S+ INVALID_UTF8 /} @lines), 3,
    'three were not UTF-8') or diag(@lines);
my @said = map {/\t(?:msg|me)\tmallory\t(.*)/ ? $1 : ()}
    $carol->until_now;
is(join('|', @said), 'tagged|forged', 'the room has heard what was said');

$mallory->say("QUIT :\002bye\002\r");
$carol->sees(qr/\tleave\tmallory\tquit: bye/, 'a reason has no codes');

# ---- a flood is held, and nobody who floods is killed ----

my $LINES = 3000;
my $flood = IRC->enter($room, 'flood');
my $ear = IRC->enter($room, 'ear');
$flood->send(join '', map {"PRIVMSG #chat :line $_\r\nPING :$_\r\n"}
    1 .. $LINES);
my @heard = grep {/:flood!/} $ear->expect(qr/:line $LINES$/);
is(@heard, $LINES,
    'all lines of a flood are heard, and its client is not killed');
is((grep { $heard[$_ - 1] !~ /:line $_$/ } 1 .. $LINES), 0, 'in order');
my @pongs = map {/ PONG \S+ :(\d+)$/ ? $1 : ()}
    $flood->expect(qr/ PONG \S+ :$LINES$/);
is(@pongs, $LINES, 'and each PING in it is answered once');

# ---- a client that reads nothing is told what it lost ----

$carol->until_now;
my $slow = bless $room->connect(rcvbuf => 4096), 'IRC';
$slow->say('NICK slow')->say('USER s 0 * :S')->expect(qr/ 366 slow /);
$carol->expect(qr/\tjoin\tslow\t/);
$slow->freeze;
my $MUCH = 3000;
$flood->say("PRIVMSG #chat :much $_ " . 'x' x 300) for 1 .. $MUCH;
$ear->expect(qr/:much $MUCH /);
$carol->say('the end');
$carol->expect(qr/\tmsg\tcarol\tthe end$/);
$slow->thaw;
@lines = $slow->expect(qr/:the end$/);
my ($lost, $got) = (0, 0);
for (@lines) {
	$lost += $1 if /^:irc\.example NOTICE slow :(\d+) messages were lost: /;
	$got++ if /^:flood!\S+ PRIVMSG #chat :much /;
}
cmp_ok($lost, '>', 0, 'a NOTICE tells a slow reader that it lost messages');
is($lost + $got, $MUCH, 'and how many');

$room->stop;
done_testing();
