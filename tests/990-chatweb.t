#!/usr/bin/env perl
#
# Goal: chatweb serves its page, admits browsers that come from that page to
# the room as members like any other, and refuses those that another site
# sends.

use strict;
use warnings;
use lib 'tests/lib';
use Digest::SHA qw(sha256_base64);
use File::Temp;
use Room;
use Test::More;
use Wait;
use Web;

Room::allows(qr/[\d.]+: (?:refused|cannot connect to the room): .*/);
my $room = Room->start;
my $web = Web->start($room);
my $bob = $room->enter('bob');

# ---- the page ----

my $page = $web->answer($web->request('/'));
like($page, qr{\AHTTP/1.1 200 OK\r\n}, 'the page is served');
my ($head, $body) = split /\r\n\r\n/, $page, 2;
is($head =~ /^Content-Length: (\d+)\r$/m && $1, length $body,
    'its length is as announced');
cmp_ok(length $page, '<', 40960, 'it is smaller than 40 KB');
like($head, qr/^X-Content-Type-Options: nosniff\r$/m, 'it has the right type');
like($head, qr/default-src 'none';.*frame-ancestors 'none'/,
    'what it does not need is forbidden');
for my $part (qw(style script)) {
	my ($text) = $body =~ m{<$part>(.*?)</$part>}s;
	my $hash = sha256_base64($text);
	like($head, qr/$part-src 'sha256-\Q$hash\E='/,
	    "its $part is the only one that may run");
}
my $half = $web->connect->send($web->request('/'))->half_close;
Wait::until_true(sub { $half->{over} });
is(length $half->{in}, length $page,
    'even to a client that has shut its side down');
like($web->answer($web->request('/') =~ s/GET/HEAD/r), qr/\r\n\r\n\z/,
    'HEAD has the head alone');

# ---- who is admitted ----

my %refused = (
	'a name that DNS may turn' => [421, $web->upgrade(Host => 'evil.example')],
	'a foreign Origin' => [403, $web->upgrade(Origin => 'http://evil.example')],
	'another port of this host' => [403, $web->upgrade(Origin =>
	    "http://$web->{host}:1")],
	'no Origin' => [403, $web->upgrade(Origin => undef)],
	'the Origin null' => [403, $web->upgrade(Origin => 'null')],
	'another version' => [426, $web->upgrade('Sec-WebSocket-Version' => 8)],
	'a bad key' => [400, $web->upgrade('Sec-WebSocket-Key' => 'x')],
	'another place' => [404, $web->upgrade =~ s{/room}{/rooms}r],
	'another page' => [404, $web->request('/favicon.ico')],
	'a page by another name' => [421, $web->request('/', Host => 'a.example')],
	'no Host' => [400, $web->request('/', Host => undef)],
	'two Hosts' => [400, $web->request('/') =~
	    s/(Host:.*?\n)/$1$1/r],
	'a form' => [413, $web->request('/room', 'Content-Length' => 7) =~
	    s/GET/POST/r . "!name x"],
	'another method' => [405, $web->request('/') =~ s/GET/PUT/r],
	'another HTTP' => [505, $web->request('/') =~ s{/1.1}{/1.0}r],
	'a TLS hello' => [400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc"],
	# As another site can have a browser send it, in the name of a session.
	'a poisoned TLS hello' => [400, "\x16\x03\x01\x02\x00\x01\x00\x01" .
	    "\xfc\x03\x03" . 'r' x 32 . " \r\n" . $web->request('/') .
	    $web->upgrade . WebSocket::frame(1, 'eve')],
	'a poisoned form' => [413, $web->request('/', 'Content-Type' =>
	    'text/plain', 'Content-Length' => 500) =~ s/GET/POST/r .
	    $web->request('/') . $web->upgrade . WebSocket::frame(1, 'eve')],
	'a body in chunks' => [413, $web->request('/', 'Transfer-Encoding' =>
	    'chunked') . "5\r\nhello\r\n0\r\n\r\n"],
	'a blank before a colon' => [400, $web->request('/', 'Zzz ' => 'x')],
	'a bare LF' => [400, $web->request('/', Zzz => "x\nHost: y")],
	'a NUL' => [400, $web->request('/', Zzz => "x\0")],
	'a whole address of another host' => [421,
	    $web->request('http://evil.example/')],
	'a whole address without a host' => [421, $web->request('http:///')],
	'a whole address beside no Host' => [400,
	    $web->request("http://$web->{host}/", Host => undef)],
	'another scheme' => [400, $web->request('ftp://127.0.0.1/')],
	'a foreign Origin beside a whole address' => [403, $web->upgrade(Origin =>
	    'http://127.0.0.1:1') =~ s{/room}{http://127.0.0.1:2/room}r],
	'a port of words' => [421, $web->request('/', Host => '127.0.0.1:x')],
	'a name behind an address' => [421, $web->request('/', Host =>
	    '127.0.0.1.evil.example')],
	'two Origins' => [400, $web->upgrade =~ s/(Origin:.*?\n)/$1$1/r],
	'a control character' => [400, $web->request('/', Zzz => "\x01")],
	'a continued line' => [400, $web->request('/', Zzz => "x\r\n y")],
	'a long head' => [431, $web->request('/', Zzz => 'x' x 8192)],
);
for my $what (sort keys %refused) {
	my ($status, $bytes) = @{ $refused{$what} };
	like($web->answer($bytes), qr{\AHTTP/1.1 $status (?!.*HTTP/1)}s,
	    "$what: $status, and nothing else");
}

is(scalar(() = $web->answer($web->request('/') x 2) =~ m{^HTTP/1}mg), 1,
    'a second request has no answer');
is(scalar(grep {/eve/} $bob->until_now), 0, 'none of them spoke');

for my $whole (qw(http://127.0.0.1/ HTTP://localhost:1 https://[::1]/)) {
	like($web->answer($web->request($whole, Host => 'evil.example')),
	    qr{\AHTTP/1.1 200 }, "$whole names the page, whatever Host says");
}

# ---- a room whose host has two addresses ----

SKIP: {
	skip 'no other /etc/hosts here', 1 if system('unshare', '-m', 'true');
	my $dir = File::Temp->newdir;
	my $program = $Web::PROGRAM;
	open my $fh, '>', "$dir/hosts" or die "hosts: $!\n";
	print $fh "::1 localhost\n127.0.0.1 localhost\n";
	close $fh;
	local $Web::PROGRAM = 'unshare';
	my $there = Web->start({ host => 'localhost', port => $room->port },
	    '-m', 'sh', '-c', "mount --bind $dir/hosts /etc/hosts && exec " .
	    "$program \"\$@\"", 'sh');
	my $two = $there->browse('two');
	pass('where it does not listen on the first, the second is tried');
	$two->say('!quit')->rest;
	$there->stop;
}

# ---- in the background ----

SKIP: {
	my $dir = File::Temp->newdir;
	my ($file) = chmod(0755, $dir) ? "$dir/pid" : ();
	local $Room::PROGRAM = $Web::PROGRAM;
	my ($status, $output) = Room->run('-b', '-p', $file, '-r',
	    "127.0.0.1:" . $room->port, '127.0.0.1', 0);
	is($status, 0, 'with -b it exits when it can be reached');
	like($output, qr/^chatweb: listening on /m, 'and says where');
	open my $fh, '<', $file or die "$file: $!\n";
	chomp(my $pid = <$fh>);
	my $log = readlink "/proc/$pid/fd/2";
	kill 'TERM', $pid;
	skip 'the system does not show descriptors', 1 if !$log;
	like($log, qr/^socket:/,
	    "the server logs to the system's log, and not to the terminal");
}

# ---- a conversation ----

my $ann = $web->browse('ann');
like($ann->{answer}, qr{^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$}m,
    'the key is answered as in RFC 6455');
$bob->expect('-- ann joined');
$ann->say('hello from a browser');
$bob->sees('<ann> hello from a browser', 'a browser publishes a line');
$bob->say('hello from nc');
$ann->sees(qr/^\d+\tmsg\tbob\thello from nc$/, 'and receives what others say');
$ann->send(WebSocket::frame(1, "a \xf0\x9f", more => 1))
    ->send(WebSocket::frame(9, 'ping'))
    ->send(WebSocket::frame(0, "\x98\x80", more => 1))
    ->send(WebSocket::frame(0, ' smiles'));
$bob->sees("<ann> a \xf0\x9f\x98\x80 smiles",
    'a message may arrive in fragments, with a ping between them');
$ann->expect(qr/smiles/);
is_deeply($ann->{control}, [[10, 'ping']], 'which was answered');
my $dan = $web->browse('dan');
$dan->say('whole')->send(WebSocket::frame(1, 'half', more => 1))->flush;
$dan->reset;
my @last = $bob->expect(qr/^-- dan left/);
is(join(' ', grep {/^<dan>/} @last), '<dan> whole',
    'whole messages of a lost browser are published, half a message is not');

# ---- the end ----

$ann->say('!quit');
$ann->sees("-\tbye\tann\tquit", 'the goodbye reaches the page');
is($ann->closed, 1001, 'then the gateway closes');
my $eve = $web->browse('eve');
$eve->send(WebSocket::frame(8, pack 'n', 1000));
is($eve->closed, 1000, 'a close is answered');
$bob->sees('-- eve left (quit)', 'and counts as a quit');
my %failing = (
	'no mask' => [1002, "\x81\x01x"],
	'a reserved bit' => [1002, "\xc1\x80\x11\x22\x33\x44"],
	'an unknown opcode' => [1002, WebSocket::frame(3, 'x')],
	'bytes' => [1003, WebSocket::frame(2, 'x')],
	'not UTF-8' => [1007, WebSocket::frame(1, "\xff")],
	'half a character' => [1007, WebSocket::frame(1, "\xf0\x9f")],
	'too much' => [1009, WebSocket::frame(1, 'x' x 16385)],
	'a piece without a beginning' => [1002, WebSocket::frame(0, 'x')],
	'a long ping' => [1002, WebSocket::frame(9, 'x' x 126)],
	'a close with a forbidden code' => [1002, WebSocket::frame(8,
	    pack 'n', 1006)],
);
for my $what (sort keys %failing) {
	my ($code, $bytes) = @{ $failing{$what} };
	my $client = $web->socket->send($bytes);
	is($client->closed, $code, "$what: closed with $code");
}
my $fay = $web->browse('fay');
$room->stop;
$fay->sees("-\tbye\tfay\tserver stopping",
    'the page learns of the end of the room');
is($fay->closed, 1001, 'and ends the connection');
like($web->answer($web->upgrade), qr{\AHTTP/1.1 502 }, 'then there is no room');
$web->stop;
done_testing();
