# Goal: the log has a line for each event, which says who it was, by address
# and process, what happened and why; names are made visible, and messages are
# never logged.  fail2ban finds the addresses to ban.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp;
use Room;
use Socket;
use Test::More;

Room::allows(
	qr/\S+ left \((?:replaced|killed)\)/, qr/deaf lapped, lost \d+ events/,
	qr/died of signal 9; recovered/,
	qr/refused: .*/,
);

# The line of the session whose client has this name, or the address at all.
sub line {
	my ($room, $what, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$room->logs(qr/^chatserv: 127\.0\.0\.1 port \d+ pid \d+: $what\n/m,
	    $name);
}

my $room = Room->start('-r', '64k', '-M', 8);
my $alice = $room->enter('alice');
my ($port) = unpack_sockaddr_in(getsockname $alice->{fh});
my $pid = $room->session_of('alice');
$room->logs(qr/^chatserv: 127\.0\.0\.1 port $port pid $pid: joined as alice\n/m,
    'the log has joins, by address and process');
$alice->say('!name ally');
line($room, 'alice is now ally', 'a new name');
my $name = "b\xc3\xb6b";
my $bob = $room->enter($name);
line($room, "joined as $name", 'a printable name as it is');
$bob->say('!quit my secret why')->rest;
line($room, "\Q$name\E left \\(quit\\)", 'leaves, with the reason');
$room->enter('carol')->reset;
line($room, 'carol left \(connection lost\)', 'lost connections');
my $dave = $room->enter('dave');
kill 'TERM', $room->session_of('dave');
$dave->rest;
line($room, 'dave left \(killed\)', 'kicks');
my $erin = $room->enter('erin');
kill 'KILL', $room->session_of('erin');
$erin->rest;
line($room, 'died of signal 9; recovered',
    'killed sessions, and that they are recovered');

my $frank = $room->enter('frank', tsv => 1);
my ($token) = $frank->{entry}[0] =~ /([0-9a-f]{32})/;
$pid = $room->session_of('frank');
my $back = $room->connect->say("!token $token")->say('frank');
$back->expect(qr/welcome frank/);
$frank->rest;
$room->logs(qr/port \d+ pid $pid: frank left \(replaced\)\n/,
    'takeovers');
$back->say('!quit')->rest;

# Lapped: a line, but not one each time.
my $deaf = $room->enter('deaf', rcvbuf => 4096)->freeze;
for my $round (1 .. 3) {
	$alice->say('secret ' x 30 . $_) for 1 .. 4000;
	$alice->expect(qr/ 4000$/);
	$deaf->thaw;
	$deaf->expect(qr/messages? lost: you read too slowly$/);
	$deaf->freeze;
}
line($room, 'deaf lapped, lost \d+ events', 'clients that were too slow');
is(scalar(() = $room->log =~ /deaf lapped/g), 1, 'once in a while');
$deaf->reset;
line($room, 'deaf left \([a-z ]+\)', 'a client that leaves after that');
my $hist = $room->enter('hist', since => 1);
$hist->say('!quit')->rest;
line($room, 'hist left \(quit\)', 'clients that request history that is gone');
unlike($room->log, qr/hist lapped/, 'is not lapped');

# Refused, in all ways that a client can cause.
my $five = $room->connect;
$five->say($_) for ('ally', 'a b', '-x', "x\e[2Jy",
    'chatserv: ::1 port 1: refused: ');
$five->rest;
line($room, 'refused: the name .*; that was the last attempt',
    'clients that give no valid name');
my $hasty = Room->start('-t', 1);
$hasty->connect->rest;
line($hasty, 'refused: you gave no name in time', 'clients that give no name');
$hasty->stop;
my @crowd = map { $room->connect } 1 .. 9;
like(($crowd[-1]->rest)[-1], qr/too many/, 'clients beyond the limit');
$room->logs(qr/^chatserv: 127\.0\.0\.1 port \d+(?: pid \d+)?: refused: too many/m,
    'is logged too');
$_->close for @crowd;

$alice->say('done')->expect('<ally> done');
$room->signal('USR2');
line($room, 'in \d+ out \d+ lost \d+ lag \d+', 'figures, on request');
unlike($room->log, qr/secret|[^\x20-\x7e\x80-\xff\n]/,
    'nothing of what was said, and nothing raw');
is(join("\n", grep { !/^chatserv: / } split /\n/, $room->log), '',
    'each line begins with the program\'s name');

# fail2ban, with the filter unchanged.
SKIP: {
	skip 'no fail2ban-regex', 3
	    if system('fail2ban-regex --version >/dev/null 2>&1') != 0;
	my $refused = () = $room->log =~
	    /^chatserv: \S+ port \d+(?: pid \d+)?: refused: /mg;
	my $log = File::Temp->new;
	print $log $room->log,
	    'chatserv: 2001:db8::1 port 4242: refused: too many clients ',
	    "from your address\n",
	    'Nov 21 03:00:00 host chatserv: 192.0.2.7 port 4 pid 5: refused: ',
	    "you gave no name in time\n",
	    "chatserv: 192.0.2.9 port 4 pid 5: joined as refused\n",
	    "chatserv: local uid 1000 pid 5: refused: you gave no name\n";
	close $log;
	my @found = `fail2ban-regex -o '<ip>' @{[$log->filename]} \\
	    contrib/fail2ban/chatserv.conf 2>/dev/null`;
	chomp @found;
	is(scalar(grep { $_ eq '127.0.0.1' } @found), $refused,
	    'fail2ban finds each client that was refused');
	is(join(' ', sort grep { $_ ne '127.0.0.1' } @found),
	    '192.0.2.7 2001:db8::1', 'also in syslog, also of IPv6');
	cmp_ok($refused, '>=', 3, 'and refuses none of the others');
}
$room->stop;

# Without a name, only -v tells.
$room = Room->start('-v');
my $guest = $room->connect;
$guest->expect(qr/name/);
line($room, 'connected', 'with -v a connection is logged before it has a name');
$guest->reset;
line($room, 'disconnected without a name',
    'and one that ends without a name');
$alice = $room->enter('alice');
kill 'KILL', $room->pid;
$alice->rest;
line($room, 'alice left \(server stopping\)',
    'and leaves because the parent died');
$room->exit_status;
unlink $room->shared_objects;
done_testing;
