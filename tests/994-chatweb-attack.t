#!/usr/bin/env perl
#
# Goal: what a browser can do wrong costs itself alone: floods, no reading,
# bytes one by one, and an end in the middle of anything; what it said whole
# is said, and what it did not is not.

use strict;
use warnings;
use lib 'tests/lib';
use IO::Socket;
use Room;
use Socket qw(inet_pton pack_sockaddr_in6);
use Test::More;
use Wait;
use Web;

Room::allows(qr/[\d.]+: (?:refused: .*|connected)/,
    qr/.* lapped, lost \d+ events/,
    qr/a browser was refused: too many are here/);
Room::expects(qr/a browser was refused: too many are here from its address/);
my $room = Room->start;
my $web = Web->start($room, '-m', 12, '-M', 10);
my $bob = $room->enter('bob');

sub memory {
	my ($pid) = @_;

	open my $fh, '<', "/proc/$pid/status" or return 0;
	return map { /^VmRSS:\s+(\d+)/ } <$fh>;
}

sub child_of {
	my (@before) = @_;

	my %old = map { $_ => 1 } @before;
	my ($new) = grep { !$old{$_} } map { $_->{pid} } $web->children;
	return $new;
}

# ---- an end in the middle ----

my $numbers = join '', map { WebSocket::frame(1, "line $_") } 1 .. 500;
my %ends = (
	'a close' => sub {
		$_[0]->send(WebSocket::frame(8, pack 'n', 1001))->flush;
	},
	'no close' => sub { $_[0]->flush->close },
	'half a close' => sub { $_[0]->half_close },
	'half a frame' => sub {
		$_[0]->send(substr WebSocket::frame(1, 'half'), 0, 8)->flush
		    ->close;
	},
	'half a message' => sub {
		$_[0]->send(WebSocket::frame(1, 'half', more => 1))->flush
		    ->close;
	},
);
for my $how (sort keys %ends) {
	my $client = $web->browse('ann')->send($numbers);
	$client->{frozen} = $how eq 'no close';
	$ends{$how}($client);
	my @said = grep {/^<ann>/} $bob->expect(qr/^-- ann left/);
	is(join("\n", @said), join("\n", map {"<ann> line $_"} 1 .. 500),
	    "all whole messages before $how are published, and no more");
	$client->close;
}

# ---- too much, too little ----

my @before = map { $_->{pid} } $web->children;
my $flood = $web->browse('flood');
my $pid = child_of(@before);
my $small = memory($pid);
$flood->freeze;
my $sent = 0;
my $ping = WebSocket::frame(9, 'p' x 125) x 500;
# Until it has accepted nothing for a while: its pongs wait.
while ($sent < 200 && length $flood->{out} < 1 << 20) {
	$flood->send($ping);
	$sent++;
	$bob->until_now if $sent % 20 == 0;
}
cmp_ok(memory($pid), '<', $small + 512, 'pings without end cost no memory');
$flood->thaw;
Wait::until_true(sub {
	$flood->decode;
	@{ $flood->{control} // [] } >= 500 * $sent;
});
is(scalar(grep { $_->[0] == 10 && $_->[1] eq 'p' x 125 }
    @{ $flood->{control} }), 500 * $sent, 'each gets its answer in the end');
$flood->say('and I can talk');
$bob->sees('<flood> and I can talk', 'and the browser continues');

my $deaf = $web->browse('deaf', rcvbuf => 4096);
$deaf->freeze;
my $text = 'x' x 4000;
$bob->say("$_ $text") for 1 .. 600;
$bob->expect(qr/^<bob> 600 /);
pass('a browser that does not read delays nobody');
$deaf->thaw;
my ($next, $lost) = (1, 0);
while (defined(my $line = $deaf->line)) {
	if ($line =~ /\tlost\t\t(\d+)$/) {
		$lost += $1;
		$next += $1;
	} elsif ($line =~ /\tmsg\tbob\t(\d+) (x+)$/) {
		$next == $1 && length $2 == 4000 or last;
		$next++;
		last if $1 == 600;
	}
}
is($next, 601, "it learns what it lost ($lost), and has all the rest");

my $huge = $web->socket->send(pack 'CCQ>N', 0x81, 0xff, 1 << 62, 0);
is($huge->closed, 1009, 'a frame that is far too long is refused at its head');
my $slow = $web->browse('slow');
for my $byte (split //, WebSocket::frame(1, "drip \xf0\x9f\x98\x80")) {
	$slow->send($byte)->flush;
	$bob->until_now;
}
$bob->sees("<slow> drip \xf0\x9f\x98\x80", 'single bytes make up a message');

# ---- too many ----

$_->close for $huge, $deaf;
$web->eventually(sub { $web->children == 2 }, 'those who have left are gone');
# Two of the ten that -M allows are here.
my @idle = map { $web->connect } 1 .. 20;
my $refused = sub { scalar grep { $_->{over} } @_ };
ok(Wait::until_true(sub { $refused->(@idle) == 12 }),
    'connections beyond -M are closed') or
    diag($refused->(@idle) . ' were');
my ($first) = grep { $_->{over} } @idle;
like($first->{in}, qr{\AHTTP/1.1 503 }, 'with a word');
$slow->say('still here');
$bob->sees('<slow> still here', 'and those in the room remain');
my @others = map { $web->connect(local => '127.0.0.2') } 1 .. 3;
ok(Wait::until_true(sub { $refused->(@others) == 1 }),
    'another address has what is left of -m') or
    diag($refused->(@others) . ' were refused');
my ($other) = grep { !$_->{over} } @others;
like($other->send($web->request('/')) && Wait::until_true(
    sub { $other->{over} && $other->{in} }), qr{\AHTTP/1.1 200 },
    'and is served');
$_->close for @others;
$_->close for @idle;
ok(Wait::until_true(sub { eval { $web->browse('new') } }, 0.1),
    'when they have gone others can connect');

# ---- IPv4 by a socket of IPv6, as a supervisor may open it ----

SKIP: {
	local $^F = 1000;
	socket my $both, AF_INET6, SOCK_STREAM, 0 or skip 'no IPv6 here', 3;
	setsockopt $both, 41, 26, 0 if $^O eq 'linux';	# IPV6_V6ONLY
	bind $both, pack_sockaddr_in6(0, inet_pton(AF_INET6,
	    '::ffff:127.0.0.1')) and listen $both, 5
	    or skip 'no IPv6 here', 3;
	my $program = $Web::PROGRAM;
	local $Web::PROGRAM = $^X;
	my $mapped = Web->start($room, '-e', 'use POSIX; dup2(shift, 3); ' .
	    '@ENV{qw(LISTEN_FDS LISTEN_PID)} = (1, $$); exec @ARGV',
	    fileno $both, $program, '-M', 1, '-v');
	close $both;
	$mapped->{host} = '127.0.0.1';
	my $one = $mapped->browse('one');
	my $elsewhere = $mapped->browse('elsewhere', local => '127.0.0.2');
	pass('two addresses of IPv4 count as two');
	$mapped->logs(qr/^chatweb: 127\.0\.0\.2: connected$/m,
	    'and are shown as what they are');
	like($mapped->answer($mapped->request('/'), local => '127.0.0.2'),
	    qr{\AHTTP/1.1 503 }, 'each has its limit');
	$mapped->stop;
}

$web->stop;
$room->stop;
done_testing();
