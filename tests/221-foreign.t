#!/usr/bin/env perl
#
# Goal: bytes of another protocol, which an attacker made a browser or a
# server send here, never become a name or a message: the server refuses the
# connection with one line and logs it, and the room sees nothing.
#
# $FOREIGN_SEED repeats a run, $FOREIGN_N says how many (200).

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp;
use Room;
use Test::More;
use Wait;

my $seed = $ENV{FOREIGN_SEED} // time;
my $n = $ENV{FOREIGN_N} // 200;
srand $seed;
note "seed $seed";

my $dir = File::Temp->newdir;
chmod 0755, $dir;
my $room = Room->start('-v', '-u', "$dir/sock");
Room::expects(qr{refused: (?:this is chatserv|that line).*});
my $watcher = $room->enter('watcher', tsv => 1);

sub any { $_[rand @_] }
sub bytes { join '', map { chr int rand 256 } 1 .. $_[0] }
sub word { join '', map { chr 97 + int rand 26 } 1 .. 1 + rand $_[0] }

# A client of the socket; if we are root, one of whom the server knows a
# login name, so that all but a name is said under it.
my ($user) = $> == 0 ? (getpwnam 'daemon')[2] : undef;
sub local_client {
	local $> = $user if defined $user;
	return Client->connect(path => "$dir/sock");
}

# What whoever is behind it wants said: a name, and words.
my $payload = "\nevil\nhello from the web\n";

# A TLS greeting as browsers send it, with the page's bytes as session ID.
sub tls {
	my $id = substr $payload . "\n" x 32, 0, 32;
	my $body = "\3\3" . bytes(32) . chr(32) . $id . pack('n', 8) .
	    bytes(8) . "\1\0" . pack('n/a', bytes(rand 600));
	return "\x16\3\1" . pack 'n/a', "\1\0" . pack 'n/a', $body;
}

sub request {
	my $head = join ' ', any(qw(GET POST PUT OPTIONS PRI x)),
	    any('/', '*', '/' . word(30), "/\xff", '/a b', '/%0aevil%0a',
	    '/' . 'x' x 6000), any(qw(HTTP/1.0 HTTP/1.1 HTTP/2.0 RTSP/1.0
	    SIP/2.0));
	my $end = any("\n", "\r\n");
	return join $end, $head, (map { word(8) . ': ' . word(20) }
	    1 .. rand 4), '', $payload;
}

# Something else that begins with a control character, or before a setting.
sub binary {
	my $first = any(map {chr} grep { $_ != 9 && $_ != 10 && $_ != 13 }
	    0 .. 31, 127);
	return $first . bytes(rand 300) . $payload;
}

sub ssh { 'SSH-2.0-' . word(12) . "\r\n" . bytes(rand 300) . $payload }

my %makes = (tls => \&tls, request => \&request, binary => \&binary,
    ssh => \&ssh);

# Tell it from behind some settings too, and in pieces.
my ($bad, %kinds, @trouble) = (0);
while ($bad < $n) {
	my @batch;

	for (1 .. 20) {
		my $kind = any(sort keys %makes);
		my $what = (rand() < 0.2 ? any("!tsv\n", "!last 3\n", '') :
		    '') . $makes{$kind}->();
		my $client = rand() < 0.5 ? local_client() : $room->connect;
		my $cut = int rand length $what;
		$client->send(substr $what, 0, $cut);
		push @batch, [$kind, $client, substr $what, $cut];
		$kinds{$kind}++;
		$bad++;
	}
	Wait::pump(0);
	$_->[1]->send($_->[2]) for @batch;
	for (@batch) {
		my ($kind, $client) = @$_;
		my @lines = grep { !/^-- |\tinfo\t\ttsv$/ } $client->rest;
		push @trouble, "$kind: @lines" if @lines != 1 ||
		    $lines[0] !~ /^(?:!! |-\terr\t\t)(?:this is chatserv|that line)/;
	}
}
is(join("\n", @trouble), '', 'each is refused by one line, and closed');
note join ', ', map {"$_: $kinds{$_}"} sort keys %kinds;
is(join("\n", $watcher->until_now), '', 'and the room sees nothing of it');
$room->eventually(sub {
	$bad == (() = $room->log =~ /: refused: (?:this is chatserv|that line)/g)
}, 'the log has each of them');

# At once: nobody waits for an end of the line that does not come.
my $silent = $room->connect->send("\x16\3\1\2\0\1\0\1\xfc");
$silent->sees(qr/^!! this is chatserv/,
    'a line that begins with a control character is refused before it ends');
$silent->ends('and closed');

# What people begin with is not refused.
for my $first ("\r\nann", "\nann", "\r\0\nann", "!help\nann", 'ann') {
	my $ann = $room->connect;
	$ann->send($_), Wait::pump(0) for split //, "$first\n";
	$ann->expect('-- ann joined');
	$ann->say('HTTP/1.1 and SSH-2.0')->say("\e is said")->say('GET / HTTP/1.1');
	$ann->sees('<ann> GET / HTTP/1.1', 'in the room every line is text');
	$ann->say('!quit')->rest;
}
for my $first (!defined $user ? () : 'hello world', "\ttab", 'about HTTP/1.1 and so on', 'x SSH-2.0',
    'x HTTP/1') {
	my $me = local_client()->say($first);
	$me->sees(qr/<daemon> \Q$first\E$/,
	    'nor is the first line of a local user refused');
	$me->say('!quit')->rest;
}
$room->stop;
done_testing();
