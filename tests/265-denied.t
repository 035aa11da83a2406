#!/usr/bin/env perl
#
# Goal: a client on the list of -D cannot join, in any dialect or by any way; at
# HUP the list is read again, also in a server that was root, and disconnects
# for good the clients that are on it then; an invalid list is reported with its
# line number, and changes nothing.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
use IO::Socket;
use IRC;
use Room;
use Test::More;

my $DENIED = 'you are on the deny list of this room';
Room::expects(
	qr/refused: $DENIED/,
	qr/\S+ left \(denied\)/,
	qr/deny list list: read again, \d+ entr(?:y|ies)/,
	qr/deny list list: line 2: "10\.0\.0\.0\/33" has no 0 to 32 bits; the old list stays/,
	qr/cannot read the deny list; the old one stays: No such file or directory/,
);

my $dir = File::Temp->newdir;
chmod 0755, $dir;
my $list = "$dir/list";

# As an editor does: another file of that name.
sub write_list {
	my (@lines) = @_;

	open my $fh, '>', "$list.new" or die "$list: $!\n";
	print $fh map {"$_\n"} @lines;
	close $fh;
	chmod 0600, "$list.new";
	rename "$list.new", $list or die "rename: $!\n";
}

# Makes a room read the list again; tests that its log then says this.
sub again {
	my ($room, $says) = @_;
	my $before = length $room->log;

	$room->signal('HUP');
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok(Wait::until_true(sub { substr($room->{log}, $before) =~ $says }),
	    'HUP reads it again') or diag($room->log);
}

# ---- the start ----

for (['10.0.0.1', 'nobody/8' => qr/line 2: "nobody\/8" is no address/],
    ['#', '1.2.3' => qr/line 2: "1\.2\.3" is no address/],
    ['two words' => qr/line 1: it has more than one word/],
    ['x' x 600 => qr/line 1: it is too long/],
    ["\e[2J" => qr/line 1: "\\033\[2J" is neither/]) {
	my $says = pop @$_;
	write_list(@$_);
	my ($status, $output) = Room->run('-D', $list, '127.0.0.1', 0);
	is($status, 1, 'with an invalid list no server starts');
	like($output, qr/\Achatserv: deny list \Q$list\E: $says/,
	    'and its line is told');
}
for my $path ("$dir/none", "$dir") {
	my ($status, $output) = Room->run('-D', $path, '127.0.0.1', 0);
	is("$status $output", "1 chatserv: cannot read the deny list $path: " .
	    ($path eq $dir ? 'Is a directory' : 'No such file or directory') .
	    "\n", 'nor does one that is not there');
}

# ---- newcomers ----

write_list('# those of last week', '', '127.0.0.2	# one', '127.1.0.0/16',
    '2001:db8::/32');
my $room = Room->start('-D', $list, '-v');
Room::allows(qr/\S+ port \d+ pid \d+: disconnected .*/);
my $ear = $room->enter('ear', local => '127.0.0.9', tsv => 1);
for my $local ('127.0.0.2', '127.1.2.3') {
	my $client = $room->connect(local => $local);
	is(join("\n", $client->rest), "!! $DENIED", "$local is refused");
	is($client->{over}, 'closed', 'in order');
	$room->logs(qr/^chatserv: \Q$local\E port \d+: refused: $DENIED$/m,
	    'and logged');
}
ok($room->enter('near', local => '127.2.0.1'), 'others may join');
$ear->expect(qr/\tjoin\tnear\t/);

# ---- those who are here ----

my $plain = $room->enter('plain');
my $tsv = $room->enter('tsv', tsv => 1);
my $irc = IRC->enter($room, 'irc');
my $nameless = $room->connect;
$nameless->expect(qr/name\?/);
my $chatc = Chatc->in_room($room, '-R', '-d', '-n', 'rob');
my $outside = $room->connect->say('!tsv')->say('!outside out');
$outside->expect(qr/\thello\tout/);
$ear->expect(qr/\tjoin\trob\t/);
write_list('127.0.0.1');
again($room, qr/read again, 1 entry$/m);
is(($plain->rest)[-1], '-- goodbye (denied)', 'who is here is told goodbye');
is(($tsv->rest)[-1], "-\tbye\ttsv\tdenied", 'in TSV');
like(($irc->rest)[-1], qr/^ERROR :.*denied/, 'in IRC');
is(($outside->rest)[-1], "-\tbye\tout*\tdenied", 'also who only speaks');
is(($nameless->rest)[-1], "!! $DENIED", 'and who has no name yet');
is($chatc->status, 1, 'it ends chatc -R');
like($chatc->err, qr/the server ended the connection: denied/, 'and says so');
my %left = map { $_ => 1 } qw(plain tsv irc rob);
while (%left) {
	my @lines = $ear->expect(qr/\tleave\t/);
	my ($who) = $lines[-1] =~ /\tleave\t(\S+)\tdenied$/ or last;
	delete $left{$who};
}
is(join(' ', keys %left), '', 'the room sees why they left');
$chatc = Chatc->in_room($room, '-R', '-d', '-n', 'rob');
is($chatc->status, 77, 'chatc -R is refused, and does not try again');
ok($room->enter('two', local => '127.0.0.2'), 'who is on it no more may come');

# ---- invalid lists ----

write_list('127.0.0.2', '10.0.0.0/33');
again($room, qr/line 2: "10\.0\.0\.0\/33" has no 0 to 32 bits; the old list stays$/m);
unlink $list;
again($room, qr/cannot read the deny list; the old one stays/);
is(join("\n", $room->connect->rest), "!! $DENIED", 'the old list stays');
write_list();
again($room, qr/read again, 0 entries$/m);
ok($room->enter('plain'), 'until there is another');
$room->stop;

# An IPv4 client of a socket for both versions of IP.
SKIP: {
	local $^F = 20;
	socket my $both, AF_INET6, SOCK_STREAM, 0 or skip 'no IPv6 here', 2;
	setsockopt $both, 41, 26, 0 if $^O eq 'linux';	# IPV6_V6ONLY
	bind $both, Socket::pack_sockaddr_in6(0, "\0" x 16) and listen $both, 5
	    or skip 'no IPv6 here', 2;
	my ($port) = Socket::unpack_sockaddr_in6(getsockname $both);
	write_list('127.0.0.2', '::ffff:127.0.0.3', '::ffff:127.4.0.0/112');
	local $Room::PROGRAM = 'sh';
	my $fd = fileno $both;
	$room = Room->start('-c', "exec 3<&$fd; LISTEN_FDS=1 LISTEN_PID=\$\$ " .
	    "exec ${\($ENV{CHATSERV} // 'chatserv/chatserv')} \"\$@\"", 'sh',
	    '-M', 1, '-D', $list);
	close $both;
	my $ann = Client->connect(host => '127.0.0.1', port => $port)
	    ->say('ann');
	$ann->sees(qr/^-- welcome ann/, 'an IPv4 client');
	$room->logs(qr/^chatserv: 127\.0\.0\.1 port \d+ pid \d+: joined/m,
	    'is known by its IPv4 address');
	my $bob = Client->connect(host => '127.0.0.1', port => $port,
	    local => '127.0.0.8')->say('bob');
	$bob->sees(qr/^-- welcome bob/, 'and counted by that');
	for my $n (2, 3, '4.0') {
		is(join("\n", Client->connect(host => '127.0.0.1',
		    port => $port, local => "127.0.0.$n" =~
		    s/0\.0\.4\.0/4.0.9/r)->rest), "!! $DENIED", 'and denied');
	}
	$room->{port} = $port;
	$room->stop;
}

# ---- local users, gateways, and a server that was root ----

SKIP: {
	skip 'only root can be three users', 1 if $> != 0 ||
	    grep { !defined getpwnam $_ } qw(daemon bin);
	my $socket = "$dir/sock";
	my $client = sub {
		my ($user, $class) = @_;
		my ($uid, $gid) = (getpwnam $user)[2, 3];

		local ($), $>) = ("$gid $gid", $uid);
		return bless Client->connect(path => $socket),
		    $class // 'Client';
	};
	write_list('bin', '192.0.2.0/24', 'nobody-of-this-name');
	$room = Room->start('-D', $list, '-u', $socket, '-L', 'daemon');
	is(join("\n", $client->('bin')->rest), "!! $DENIED",
	    'a local user is denied by its login name');
	like(join("\n", $client->('daemon')->say('!from ::ffff:192.0.2.77')
	    ->rest), qr/^!! $DENIED$/m, 'and an address that a gateway gives');
	like(join("\n", $client->('daemon')
	    ->send("PROXY TCP4 192.0.2.9 1.2.3.4 1 2\r\n")->rest),
	    qr/^!! $DENIED$/m, 'or a proxy');
	my $ann = $client->('daemon')->say('!from 198.51.100.1')->say('ann');
	my $bob = $client->('daemon')->say('!from 198.51.100.2')->say('bob');
	my $cat = $client->('root')->say('');
	my $link = $client->('daemon')->say('link');
	$_->expect(qr/^-- welcome /) for $ann, $bob, $cat, $link;
	write_list('198.51.100.1', 'root');
	again($room, qr/read again, 2 entries$/m);
	is(($ann->rest)[-1], '-- goodbye (denied)', 'one address behind it');
	is(($cat->rest)[-1], '-- goodbye (denied)', 'and a local user are ended');
	$bob->say('I stay')->sees('<bob> I stay', 'nobody else');
	my $bin = $client->('bin')->say('');
	$bin->sees(qr/^-- welcome bin/, 'another may come now');
	kill 'STOP', $room->helper->{pid};
	write_list('bin');
	$room->signal('HUP') for 1 .. 5;
	$bob->say('go on')->sees('<bob> go on', 'a helper that is stopped');
	kill 'CONT', $room->helper->{pid};
	is(($bin->rest)[-1], '-- goodbye (denied)', 'reads the list later');
	kill 'KILL', $room->helper->{pid};
	$room->logs(qr/the privileged helper died/, 'where it has died');
	$room->signal('HUP');
	$room->logs(qr/cannot read the deny list; the old one stays/,
	    'it is told that the list cannot be read');
	$room->signal('TERM');
	$room->exit_status;
	unlink $socket, $room->shared_objects;
	Room::allows(qr/the privileged helper (?:was stopped|died: .*)/,
	    qr/cannot read the deny list; the old one stays: .*/);
}
done_testing();
