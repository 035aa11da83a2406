#!/usr/bin/env perl
#
# Goal: a place names its room.  A client that resumes in another room, whose
# IDs may be lower, is told so and gets all that the room has; one that comes
# back to an earlier room continues where it was there.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Faults;
use IO::Handle;
use IO::Socket::INET;
use Proxy;
use Room;
use Test::More;

my $missing = Faults::missing($Room::PROGRAM);
plan skip_all => $missing if $missing;

my $faults = Faults->new(1);
my $DAY = 86400;

# A room whose clock is so many days ahead.
sub space_at {
	my ($days, @place) = @_;

	$faults->set_clock($days * $DAY);
	local %ENV = (%ENV, $faults->environment);
	return Room->start('-r', '64k', '--', '127.0.0.1', @place);
}

# What a TSV client's welcome says of the room.
sub identity {
	my ($client) = @_;
	my ($room) = map { /^-\troom\t\t([0-9a-f]{16})\z/ ? $1 : () }
	    @{ $client->{lines} };
	return $room;
}

# Come in with these settings; all lines up to one's own join.
sub come {
	my ($room, $name, @settings) = @_;
	my $client = $room->connect;

	$client->say($_) for '!tsv', @settings, $name;
	$client->{lines} = [$client->expect(qr/\tjoin\t\Q$name\E\t/)];
	return $client;
}

sub texts {
	my (@lines) = @_;
	return join ' ', map { /\tmsg\t\w+\t(.*)/ ? $1 : () } @lines;
}

# The same room over a crash, and another one after an orderly end.
my $room = space_at(1, 0);
my $port = $room->port;
my $ann = come($room, 'ann');
my $first = identity($ann);
ok($first, 'the welcome names the room');
my ($id) = $ann->say('one')->expect(qr/\tmsg\tann\tone/) =~ /^(\d+)/;
$room->signal('KILL');
$room->exit_status;
$room = space_at(1, $port);
$ann = come($room, 'ann', "!since $id $first");
is(identity($ann), $first, 'after a crash it is the same room');
is((grep {/another room/} @{ $ann->{lines} }), 0,
    'and a place in it is valid');
is(texts(@{ $ann->{lines} }), '', 'and nothing was said after it');
$room->stop;

$room = space_at(0, $port);
$ann = come($room, 'ann');
my $second = identity($ann);
isnt($second, $first, 'a new room has another identity');
my ($lower) = $ann->say('two')->expect(qr/\tmsg\tann\ttwo/) =~ /^(\d+)/;
cmp_ok($lower, '<', $id, 'and its IDs can be lower');
my $bob = come($room, 'bob', "!since $id $first");
is((grep { $_ eq "-\tinfo\t\tanother room: from the beginning" }
    @{ $bob->{lines} }), 1,
    'a place in the earlier room is invalid, and the client is told so');
is(texts(@{ $bob->{lines} }), 'two', 'and it gets all that this room has');
my $cat = come($room, 'cat', "!since $id $first", "!since $lower $second",
    "!since 5 ffffffffffffffff");
is((grep {/another room/} @{ $cat->{lines} }), 0,
    'of several places the one in this room takes effect');
is(texts(@{ $cat->{lines} }), '', 'and nothing is shown twice');
my $old = come($room, 'old', "!since $id");
like(join("\n", @{ $old->{lines} }),
    qr/^-\tinfo\t\tno message here has a later ID: the last one is \d{16}$/m,
    'a client that names no room is told that its ID is later than all here');
my $plain = $room->connect->say("!since $id $first")->say('plain');
$plain->sees('-- another room: from the beginning',
    'the plain form tells it too');
$plain->next_is('-- ann joined', 'and comes from the beginning');
for my $bad ("!since $id x", "!since $id $first 1", "!since $id 1$first") {
	$cat = $room->connect->say($bad);
	$cat->sees(qr/^!! !since needs/, "$bad gets an error");
	$cat->say('!quit')->rest;
}
$room->stop;

# chatc -R from one to another with lower IDs.  It is away for a while, in
# which something is said, and comes back to a room in which more is said
# between its own join and the answer that ends its replay.
$room = space_at(1, 0);
$port = $room->port;
my $proxy = Proxy->new($room->{host}, $port);
$ann = come($room, 'ann');
my $rob = Chatc->in_room($proxy, qw(-R -d -q -n rob));
$ann->expect(qr/\tjoin\trob/);
my $raw = Chatc->in_room($proxy, qw(-R -d -r -n raw));
$ann->expect(qr/\tjoin\traw/);
$ann->say('old 1');
$_->expect(qr/old 1\n/) for $rob, $raw;
$proxy->gone(1);
$_->break('reset') for $proxy->pairs;
$room->stop;
$room = space_at(0, $port);
$ann = come($room, 'ann');
$ann->say("new $_") for 1 .. 3;
$ann->expect(qr/new 3/);
$proxy->gone(0);
$ann->expect(qr/\tjoin\trob\t/);
$ann->say('live');
$_->expect(qr/live\n/) for $rob, $raw;
like($rob->out, qr/\A<ann> old 1\n<ann> new 1\n<ann> new 2\n<ann> new 3\n/,
    'chatc -R shows all that another room has, however low its IDs');
like($rob->err, qr/^chatc: another room: from the beginning$/m,
    'standard error says that it is another');
like($raw->out, qr/^-\troom\t\t[0-9a-f]{16}$/m, 'with -r a program sees which');

# To a spare room and back: each line once.
my $spare = space_at(2, 0);
my $other = come($spare, 'other');
$other->say("spare $_") for 1 .. 3;
$other->expect(qr/spare 3/);
sub move {
	my ($to) = @_;

	$proxy->{target} = [$to->{host}, $to->port];
	$_->break('reset') for $proxy->pairs;
}
move($spare);
$_->expect(qr/spare 3\n/) for $rob, $raw;
$ann->say('meanwhile');
$ann->expect(qr/meanwhile/);
move($room);
$_->expect(qr/meanwhile\n/) for $rob, $raw;
$other->say('there again');
$other->expect(qr/there again/);
move($spare);
$_->expect(qr/there again\n/) for $rob, $raw;
my @said = ('old 1', 'new 1', 'new 2', 'new 3', 'live', 'spare 1', 'spare 2',
    'spare 3', 'meanwhile', 'there again');
for my $chatc ($rob, $raw) {
	my %times;
	$times{$_}++ for map { /([a-z]+ \d|live|meanwhile|there again)$/ ?
	    $1 : () } split /\n/, $chatc->out;
	is(join(',', map { $times{$_} // 0 } @said), join(',', (1) x @said),
	    'back and forth between two rooms it shows each line once');
}
like($rob->err, qr/^chatc: back in an earlier room$/m, 'and says where it is');

# By hand, with a place from a log of -r.
my ($place) = $raw->out =~ /^-\troom\t\t([0-9a-f]+)/m;
my ($status, $out) = Chatc->run($room, '', '-q', '-s', "$lower\@$place");
like($out, qr/new 1\n/, 'a place in another room is invalid for chatc -s too');
($status) = Chatc->run($room, '', '-s', "$lower\@x");
is($status, 2, 'and what is no room is a wrong command line');
$_->signal('TERM') for $rob, $raw;
$_->stop for $room, $spare;

# A server of our own, which says exactly this: on the first connection it is
# one room, on the second another, whose IDs are lower.  There something is
# said after our own join and before the replay is known to be over.
my $listener = IO::Socket::INET->new(Listen => 8, ReuseAddr => 1,
    LocalAddr => '127.0.0.1') or die "listen: $!\n";
my $place_here = { host => '127.0.0.1', port => $listener->sockport };

# Accept a chatc, and read up to its name: what it has asked for.
sub asked {
	my $fh = $listener->accept or die "accept: $!\n";
	my @asked;

	print $fh "-- hello\n";
	$fh->flush;
	while (defined(my $line = <$fh>)) {
		chomp $line;
		push @asked, $line if $line =~ /^!since/;
		return ($fh, @asked) if $line !~ /^!/;
	}
	die "chatc gave no name\n";
}

sub answers {
	my ($fh, @lines) = @_;
	print $fh map {"$_\n"} @lines;
	$fh->flush;
}

for my $rooms (['a' x 16, 'b' x 16], [undef, undef], ['a' x 16, undef]) {
	my $now = join ' to ', map { $_ // 'none' } @$rooms;
	my $low = Chatc->in_room($place_here, qw(-R -d -q -n low));
	my ($fh) = asked();
	answers($fh, "-\tinfo\t\ttsv",
	    (map {"-\troom\t\t$_"} grep {defined} $rooms->[0]),
	    "-\thello\tlow\tff", "-\twho\t\t1",
	    "2000000000000001\tjoin\tlow\tx",
	    "2000000000000002\tmsg\tann\thigh");
	$low->expect(qr/high\n/);
	close $fh;
	($fh, my @asked) = asked();
	is("@asked", '!since 2000000000000002' . ($rooms->[0] ?
	    " $rooms->[0]" : ''), "$now: it resumes in the room where it was");
	if (@asked && $rooms->[0] && !$rooms->[1]) {
		answers($fh, "-\tinfo\t\ttsv", "-\terr\t\t!since needs an ID");
		close $fh;
		($fh, @asked) = asked();
		is("@asked", '!since 2000000000000002',
		    'and without the room where the server is older');
	}
	answers($fh, "-\tinfo\t\ttsv",
	    (map {"-\troom\t\t$_"} grep {defined} $rooms->[1]),
	    "-\thello\tlow\tff", "-\twho\t\t1",
	    "1000000000000001\tmsg\tann\tlower",
	    "1000000000000002\tjoin\tlow\tx",
	    "1000000000000003\tmsg\tann\tbefore the answer");
	$low->shows(qr/lower\n<ann> before the answer\n/,
	    "$now: what comes is shown, though its ID is lower");
	$low->signal('TERM');
	$low->status;
}
done_testing();
