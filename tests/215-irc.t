#!/usr/bin/env perl
#
# Goal: an IRC client is in the room like any other: it registers in any order
# and at any speed, sends and receives messages, is told no more than it
# requested, and gets an answer to each mistake.

use strict;
use warnings;
use lib 'tests/lib';
use IRC;
use Room;
use Test::More;

my $server = 'irc.example';
my $room = Room->start('-N', $server);
my $carol = $room->enter('carol');

# ---- registration ----

# Byte by byte, USER before NICK.
my $alice = bless $room->connect, 'IRC';
$alice->send($_)->flush for split //, "USER a 0 * :A\r\nNICK alice\r\n";
my @welcome = $alice->expect(qr/ 366 /);
for my $number (qw(001 002 003 004 005 251 255 422 353 366)) {
	ok((grep {/^:\Q$server\E $number alice /} @welcome),
	    "$number greets a client that registers");
}
my ($join) = grep { $welcome[$_] =~ / JOIN / } 0 .. $#welcome;
is($welcome[$join], ":alice!chat\@$server JOIN #chat",
    'the client is in the channel at once');
like($welcome[$join + 1], qr/ 353 alice = #chat :carol alice ?$/,
    'and is told who is in it');
$carol->sees('-- alice joined', 'the room sees it join');

# A name that is taken, one that is none, one with a slash; then another.
my $bob = bless $room->connect, 'IRC';
$bob->say('CAP LS 302')->say('NICK ALICE')->say('USER b 0 * :B');
$bob->sees(qr/^:\S+ CAP \* LS :.*\bserver-time\b.*\bdraft\/chathistory\b/,
    'CAP LS lists what there is');
$bob->say('CAP REQ :echo-message nonsense');
$bob->sees(qr/ CAP \* NAK /,
    'a list with an unknown capability is refused as a whole');
$bob->say('CAP REQ :server-time message-tags echo-message batch ' .
    'draft/chathistory');
$bob->sees(qr/ CAP \* ACK /, 'the others are accepted');
$bob->say('PRIVMSG #chat :too early');
$bob->sees(qr/ 451 \* PRIVMSG /, 'nothing is said before the registration');
$bob->say('CAP END');
$bob->sees(qr/ 433 \* ALICE /,
    'a name is taken whatever the case of its letters');
$bob->say('NICK a\\b')->sees(qr/ 432 \* a\\b /,
    'a name with a backslash is refused');
$bob->say('NICK a/b')->sees(qr/ 432 \* a\/b /, 'so is one with a slash');
$bob->say('NICK')->sees(qr/ 431 /, 'nor none');
$bob->say('NICK ' . 'x' x 33)->sees(qr/ 432 /, 'and one that is too long');
$bob->say('NICK bob')->sees(qr/ 366 bob /, 'the client may try another');
$carol->expect('-- bob joined');
$alice->sees(":bob!chat\@$server JOIN :#chat", 'IRC sees others join');

# ---- both ways of every message ----

$alice->say('PRIVMSG #chat :hello, all');
$carol->sees('<alice> hello, all', 'IRC speaks');
$bob->sees(qr/^\@time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z;msgid=\d{16} :alice!chat\@\Q$server\E PRIVMSG #chat :hello, all$/,
    'with time and ID for clients that request them');
is(join('|', $alice->until_now), '', 'and does not hear itself');
$bob->say('PRIVMSG #chat :echo?');
$bob->sees(qr/ :bob!\S+ PRIVMSG #chat :echo\?$/, 'except with echo-message');
$carol->say('hello, IRC')->say('!me waves');
$alice->sees(":carol!chat\@$server PRIVMSG #chat :hello, IRC",
    'an IRC client hears the others');
$alice->sees(":carol!chat\@$server PRIVMSG #chat :\001ACTION waves\001",
    '!me is an ACTION');
$alice->say("PRIVMSG #chat :\001ACTION nods\001");
$carol->sees('* alice nods', 'and an ACTION is !me');
$alice->say("PRIVMSG #chat :\001VERSION\001")->say(
    "PRIVMSG #chat :\0034,12colours\003 and \002bold\017");
$carol->sees('<alice> colours and bold', 'colours are dropped, CTCP too');
$alice->say('PRIVMSG #chat :!quit')->say('NOTICE #chat :a notice');
$carol->sees('<alice> !quit', 'no text is a command');
$carol->sees('<alice> a notice', 'a notice is a message');
$alice->say('PRIVMSG carol :in private');
$carol->sees(qr/alice.*in private/, 'a private message goes to one');
$carol->say('!msg alice back');
$alice->sees(":carol!chat\@$server PRIVMSG alice :back", 'and comes from one');
ok(!(grep {/private|back/} $bob->until_now), 'and to nobody else');

# ---- splitting ----

my $long = join '', map {"\x{e2}\x{82}\x{ac}"} 1 .. 1300;
$carol->say($long);
my $got = '';
until (length $got >= length $long) {
	my ($line) = $alice->expect(qr/PRIVMSG #chat/);
	$line =~ /PRIVMSG #chat :(.*)$/ or die $line;
	$got .= $1;
}
is($got, $long,
    'a long text arrives in several messages, cut between characters');

# ---- names ----

$alice->say('NICK alicia')->sees(":alice!chat\@$server NICK :alicia",
    'a client is told its own new name');
$carol->sees('-- alice is now alicia', 'and to all');
$alice->say('NICK bob')->sees(qr/ 433 alicia bob /, 'a taken one is refused');
$carol->say('!name caroline');
$alice->sees(":carol!chat\@$server NICK :caroline", 'IRC sees new names');

# ---- PART and JOIN ----

$alice->say('PART #chat :later')->sees(":alicia!chat\@$server PART #chat :later",
    'PART is answered');
$carol->say('who hears this?')->say('!msg alicia you')->until_now;
my @heard = $alice->until_now;
ok(!(grep {/who hears/} @heard),
    'then the client is shown nothing of the channel');
ok((grep {/PRIVMSG alicia :you/} @heard), 'but private messages');
$alice->say('JOIN #chat')->sees(qr/ 366 alicia #chat /, 'until JOIN');
$alice->say('JOIN #other')->sees(qr/ 403 alicia #other /,
    'there is no other channel');
$alice->say("PART #chat :\1la\e[mter")
    ->sees(":alicia!chat\@$server PART #chat :?la?[mter",
    'its reason comes back without raw control characters');
$alice->say('JOIN #chat')->expect(qr/ 366 alicia #chat /);
$alice->say('PART #chat,#other')->sees(qr/ 403 alicia #other /,
    'PART takes a list');
$alice->say('JOIN #other,#chat x,y');
@heard = $alice->expect(qr/ 366 alicia #chat /);
ok((grep {/ 403 alicia #other /} @heard), 'JOIN too, and all that it can do');
$alice->say('JOIN #a,#b,#c,#d,#chat,#e');
@heard = $alice->expect(qr/ 407 alicia #chat /);
is((grep {/ 403 /} @heard), 4, 'but not of more than it can answer');
$alice->say('JOIN 0')->sees(":alicia!chat\@$server PART #chat :",
    'JOIN 0 leaves all channels');
$alice->say('JOIN #chat')->expect(qr/ 366 alicia #chat /);

# ---- questions and refusals ----

my $nobody = $room->connect;
$nobody->expect(qr/name/);
my @asked = (
	['WHO #chat', qr/ 352 alicia #chat chat \S+ \S+ bob H :0 bob$/, '315'],
	['WHOIS bob', qr/ 378 alicia bob :is connecting from 127\.0\.0\.1$/, '318'],
	['WHOIS nobody', qr/ 401 alicia nobody /, '318'],
	['WHOWAS bob', qr/ 406 /, '369'],
	['NAMES #chat', qr/ 353 alicia = #chat :.*bob/, '366'],
	['LIST', qr/ 322 alicia #chat 3 :$/, '323'],
	['LIST #other,#CHAT', qr/ 322 alicia #chat 3 :$/, '323'],
	['LUSERS', qr/ 255 /, '266'],
	['LUSERS', qr/ 253 alicia 1 :/, '266'],
	['MOTD', qr/ 422 /, '422'],
	['VERSION', qr/ 351 /, '351'],
	['TIME', qr/ 391 .*:\d{4}-\d\d-\d\dT/, '391'],
	['INFO', qr/ 371 /, '374'],
	['ISON bob nobody', qr/ 303 alicia :bob ?$/, '303'],
	['USERHOST bob', qr/ 302 alicia :bob=\+chat\@/, '302'],
	['AWAY :tea', qr/ 306 /, '306'],
	['AWAY', qr/ 305 /, '305'],
	['MODE #chat', qr/ 324 alicia #chat \+n$/, '324'],
	['MODE #chat b', qr/ 368 /, '368'],
	['MODE #chat +m', qr/ 482 /, '482'],
	['MODE alicia', qr/ 221 alicia \+$/, '221'],
	['MODE alicia +x', qr/ 501 /, '501'],
	['MODE bob +i', qr/ 502 /, '502'],
	['TOPIC #chat', qr/ 331 /, '331'],
	['TOPIC #chat :x', qr/ 482 /, '482'],
	['KICK #chat bob', qr/ 482 /, '482'],
	['KICK #other bob', qr/ 403 alicia #other /, '403'],
	['INVITE bob #chat', qr/ 443 alicia bob #chat /, '443'],
	['INVITE nobody #chat', qr/ 401 alicia nobody /, '401'],
	['INVITE bob #other', qr/ 403 alicia #other /, '403'],
	['TOPIC #other', qr/ 403 alicia #other /, '403'],
	['MODE #other', qr/ 403 alicia #other /, '403'],
	['OPER a b', qr/ 491 /, '491'],
	['KILL bob why', qr/ 481 /, '481'],
	['PRIVMSG nobody :x', qr/ 401 alicia nobody /, '401'],
	['PRIVMSG #other :x', qr/ 403 alicia #other /, '403'],
	['PRIVMSG', qr/ 411 /, '411'],
	['PRIVMSG #chat', qr/ 412 /, '412'],
	['PASS x', qr/ 462 /, '462'],
	['USER a b c d', qr/ 462 /, '462'],
	['WHOIS', qr/ 461 /, '461'],
	['NONSENSE', qr/ 421 alicia NONSENSE /, '421'],
	['PING', qr/ 409 /, '409'],
	['PRIVMSG #chat :' . 'x' x 600, qr/ 417 /, '417'],
);
for (@asked) {
	my ($line, $wanted, $last) = @$_;
	$alice->say($line);
	my @answer = $alice->expect(qr/^:\S+ $last /);
	ok((grep {/$wanted/} @answer), substr "answered: $line", 0, 40) or
	    diag(@answer);
}
$nobody->close;
$alice->say('LIST #other');
ok(!(grep {/ 322 /} $alice->expect(qr/ 323 /)), 'LIST of another has nothing');
my $longest = $room->enter('x' x 32);
my @mode = $alice->say('MODE ' . 'x' x 33)->expect(qr/ (?:401|502) alicia /);
like($mode[-1], qr/ 401 /, 'a name that is too long is nobody\'s');
$longest->say('!quit')->rest;
$alice->say("PRIVMSG #chat :caf\xe9");
$alice->sees(qr/^:\S+ FAIL PRIVMSG INVALID_UTF8 :/, 'Latin-1 is refused');
$alice->say('NOTICE nobody :x')->say('MODE alicia +i');
is(join('|', $alice->until_now), '',
    'a notice is never answered, nor the wish to be invisible');

# ---- a token ----

my $tsv = $room->enter('tess', tsv => 1);
my ($token) = $tsv->{entry}[0] =~ /([0-9a-f]{32})/;
my $tess = IRC->enter($room, 'tess', pass => $token);
$tsv->sees(qr/\tbye\ttess\treplaced/, 'PASS with a token takes a name over');
my $own = '0123456789abcdef' x 2;
my $una = IRC->enter($room, 'una', pass => $own);
my $again = IRC->enter($room, 'una', pass => $own);
$una->sees('ERROR :Closing link (replaced)',
    'a token of the client\'s own choice takes over what it named first');
ok(!(grep {/[0-9a-f]{32}/} @{ $again->{entry} }),
    'a client is not told a token unasked');
$again->say('TOKEN')->sees(qr/^:\S+ NOTICE una :PASS $own takes this name/,
    'but if it asks');
my $other = bless $room->connect, 'IRC';
$other->say('PASS ' . reverse $own)->say('NICK una')->say('USER u 0 * :U');
$other->sees(qr/ 433 \* una /, 'another token takes over nothing');
$other->close;
$again->say('QUIT')->rest;
my $pat = IRC->enter($room, 'pat', pass => 'hunter2');
ok((grep {/NOTICE \* :PASS is no token/} @{$pat->{entry}}),
    'another one is ignored, with a notice');
ok($room->log !~ /hunter2/, 'and never logged');

# ---- what was said and what is asked ----

my $eva = IRC->enter($room, 'eva', caps => 'echo-message');
$eva->send(join '', map({"PRIVMSG #chat :said $_\r\n"} 1 .. 5),
    "PING :asked\r\n");
my @before = grep { / PRIVMSG / } $eva->expect(qr/ PONG \S+ :asked\z/);
is(scalar @before, 5, 'an answer comes after what was said before');
$eva->say('QUIT');
$alice->sees(qr/^:eva!\S+ QUIT /, 'and then it leaves');

# ---- the end ----

$pat->say('QUIT :good night')->sees('ERROR :Closing link (quit: good night)',
    'QUIT is answered');
$pat->ends('and ends it');
$alice->sees(":pat!chat\@$server QUIT :quit: good night", 'IRC sees who left');
Room::expects(qr/\S+ port \d+ pid \d+: (?:tess|una) left \(replaced\)/);
Room::expects(qr/\S+ port \d+ pid \d+: died of signal 9; recovered/);
kill 'KILL', $room->session_of('tess');
$alice->sees(":tess!chat\@$server QUIT :killed", 'and who was killed');
$room->stop;
$alice->sees('ERROR :Closing link (server stopping)',
    'and the end of the room');
done_testing();
