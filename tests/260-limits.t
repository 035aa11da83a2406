# Goal: a full room, and a room with too many connections of one address,
# refuse a client with a line that says so; when a place is free again, the
# next client gets it.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(
	qr/refused: the room is full: try again later/,
	qr/refused: too many clients from your address/,
	qr/refused: you gave no name in time/,
	qr/bob left \(replaced\)/,
);

sub refused {
	my ($room, $name) = @_;
	my @lines = $room->connect->say($name)->rest;
	my $last = pop @lines // '';
	return $last =~ /^!! \S/ && !grep({!/^-- /} @lines) &&
	    @lines <= 2 || note join "\n", @lines, $last;
}

# Places are free when the parent has reaped; only trying tells.
sub enter_at_last {
	my ($room, $name) = @_;
	return Wait::until_true(sub {
		my $guest = $room->connect->say($name);
		my ($welcome) = $guest->lines_until(qr/^-- welcome /);
		return $welcome ? $guest : undef;
	}, 0.05);
}

my $room = Room->start('-m', 3, '-t', 2);
my @inside = map { $room->enter("c$_") } 1 .. 3;
$inside[0]->expect('-- c3 joined');
ok(refused($room, 'late'), 'a full room refuses with a line');
ok(refused($room, 'later'), 'again and again');
$room->logs(qr/^chatserv: 127\.0\.0\.1 port \d+ pid \d+: refused: the room is full/m,
    'and logged with its address');
my $silent = $room->connect;
like(join("\n", $silent->rest), qr/^!! the room is full.*\z/m,
    'also a client that says nothing');
# They have spoken before anyone looks at them.
$room->signal('STOP');
my @eager = map { $room->connect->say('eager') } 1 .. 5;
$room->signal('CONT');
is(join(', ', map { ($_->rest)[-1], $_->{over} } @eager), join(', ',
    ('!! the room is full: try again later', 'closed') x 5),
    'the connection of a client that has already sent data is '
    . 'closed in order too');
is(join("\n", $inside[0]->until_now), '', 'the room sees nothing of it');
$inside[0]->say('we talk on');
$inside[2]->sees('<c1> we talk on', 'and talks on');
$inside[1]->say('!quit')->rest;
ok(enter_at_last($room, 'next'), 'when one has left the next can enter');
$room->stop;

$room = Room->start('-m', 1);
for my $round (1 .. 30) {
	my $guest = enter_at_last($room, "guest$round") or last;
	$round % 2 ? $guest->reset : $guest->say('!quit')->rest;
	pass("place 1 of 1 is free for guest $round") if $round % 10 == 0;
}
$room->stop;

# Connections that say nothing, more than there are places: -t is 36 s.
$room = Room->start('-m', 8, '-t', 36);
my $begun = time;
my $member = $room->enter('member');
my @silent = map { $room->connect } 1 .. 7;
$_->expect(qr/name/) for @silent;
ok(refused($room, 'early'), 'silent connections can fill a room');
my $guest = enter_at_last($room, 'guest');
ok($guest && time - $begun < 30,
    'but long before their time is over another client gets a place');
my ($oldest) = grep { $_->{over} || length $_->{in} } @silent;
is(join("\n", $oldest->rest), '!! you gave no name in time',
    'and one of them is disconnected with a line that says so');
$room->logs(qr/refused: you gave no name in time/, 'which is logged');
$member->say('I stay');
$guest->sees('<member> I stay', 'a client with a name stays');
$room->stop;

$room = Room->start('-M', 2);
@inside = map { $room->enter("c$_") } 1 .. 2;
ok(refused($room, 'c3'), 'one connection too many of an address is refused');
$room->logs(qr/^chatserv: 127\.0\.0\.1 port \d+ pid \d+: refused: too many clients /m,
    'and logged with its address');
my $other = eval { $room->connect(local => '127.0.0.2') };
if ($other) {
	$other->say('other')->sees(qr/^-- welcome other,/,
	    'another address is welcome');
}
$inside[0]->say('!quit')->rest;
ok(enter_at_last($room, 'c3'), 'when one has left the next can enter');
$room->stop;

# Whoever comes back with its token adds nobody, and so is let in over its own
# dead connection; but only then, and not under another name.
for my $limit (['-m', 3], ['-M', 3]) {
	$room = Room->start(@$limit, '-t', 2);
	my $ann = $room->enter('ann');
	my $bob = $room->enter('bob', tsv => 1);
	my ($token) = $bob->{entry}[0] =~ /\t([0-9a-f]+)$/;
	my $cy = $room->enter('cy');
	$ann->expect('-- cy joined');
	like(($room->connect->say("!token $token")->say('dee')->rest)[-1],
	    qr/^!! (?:the room is full|too many clients)/,
	    "@$limit: a token alone is no place");
	like(($room->connect->say("!token $token")->say('cy')->rest)[-1],
	    qr/^!! (?:the room is full|too many clients)/,
	    'nor is that of another');
	for my $round (1 .. 3) {
		my $back = Wait::until_true(sub {
			my $one = $room->connect->say("!token $token")
			    ->say('bob');
			return $one->lines_until(qr/^-- welcome /) && $one;
		}, 0.05);
		ok($back, "but its owner takes its place again, round $round");
		$bob->rest;
		$bob = $back;
	}
	$bob->say('back');
	$ann->sees('<bob> back', 'and talks, who never left');
	ok(refused($room, 'late'), 'and nobody else gets in by it');
	$cy->say('!quit')->rest;
	ok(enter_at_last($room, 'eve'), 'until somebody leaves');
	ok(refused($room, 'later'), 'for one place that is one');
	my @silent = map { $room->connect } 1 .. 4;
	like(join('; ', map { ($_->rest)[-1] } @silent),
	    qr/^(?:!! (?:the room is full: try again later|too many clients from your address)(?:; |\z)){4}\z/,
	    'who says nothing beyond the limit is told why after a while');
	$room->stop;
}
done_testing;
