# Goal: the server listens where it is told to, on an IPv4 or IPv6 address or
# on all of localhost, and logs one line for each socket.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Socket qw(:addrinfo SOCK_STREAM);
use Test::More;

my $room = Room->start;
like($room->log, qr/^chatserv: listening on 127\.0\.0\.1 port \d+\n/m,
    'for a socket there is one line with address and port');
is(scalar(() = $room->log =~ /listening on/g), 1, 'and no other');
$room->stop;

SKIP: {
	my $ipv6 = eval {
		my ($error, $info) = getaddrinfo('::1', 0,
		    { flags => AI_NUMERICHOST });
		socket my $fh, $info->{family}, SOCK_STREAM, 0 or die;
		bind $fh, $info->{addr} or die;
	};
	skip 'there is no ::1 here', 6 if !$ipv6;

	$room = Room->start('--', '::1', 0);
	like($room->log, qr/listening on ::1 port \d+/, 'it listens on ::1');
	my $alice = $room->enter('alice', tsv => 1);
	like($alice->{entry}[-1], qr/\tjoin\talice\t::1$/,
	    'where the address of a client is an IPv6 one');
	$alice->say('hi');
	$alice->sees(qr/\tmsg\talice\thi$/, 'and it can talk');
	$room->stop;

	$room = Room->start('--', '*', 0);
	$room->expect_log(qr/listening on/);
	my $tess = $room->enter('tess', tsv => 1, host => '127.0.0.1');
	like($tess->{entry}[-1], qr/\tjoin\ttess\t127\.0\.0\.1$/,
	    'on every address it is reached over IPv4');
	$room->stop;
}

$room = Room->start('--', 'localhost', 0);
my ($port) = $room->expect_log(qr/listening on 127\.0\.0\.1 port (\d+)\n/) =~
    /127\.0\.0\.1 port (\d+)/;
my $bob = $room->enter('bob', host => '127.0.0.1', port => $port);
ok($bob, 'localhost is reached over IPv4');
$room->stop;
done_testing;
