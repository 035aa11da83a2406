# Goal: a wrong command line gets a clear line and exit status 2 or 1, and
# starts nothing.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp;
use Room;
use Test::More;

Room::expects(qr/many has more than 15 addresses: ignoring the others/);

sub refuses {
	my ($shown, @argv) = @_;
	my ($status, $output) = Room->run(@argv);
	ok($status == 1 || $status == 2, "chatserv @argv exits 1 or 2")
	    or diag("it exits $status");
	my @lines = split /\n/, $output;
	ok(@lines >= 1 && @lines <= 6, 'with a line or a few') or diag($output);
	like($output, $shown, 'that say what is wrong');
}

refuses(qr/\b0\b/, '-m', 0);
refuses(qr/x/, '-m', 'x');
refuses(qr/-1/, '-m', -1);
refuses(qr/12y/, '-m', '12y');
refuses(qr/\b0\b/, '-M', 0);
refuses(qr/z/, '-M', 'z');
refuses(qr/-5/, '-t', -5);
refuses(qr/soon/, '-t', 'soon');
refuses(qr/1q/, '-r', '1q');
refuses(qr/-1/, '-r', '-1');
refuses(qr/\b1\b/, '-r', '1');
refuses(qr/99999999999/, '-r', '99999999999M');
refuses(qr/usage:/, '-Z');
refuses(qr/usage:/, '-m');
refuses(qr/usage:/, qw(127.0.0.1 0 more));
refuses(qr/65536/, qw(127.0.0.1 65536));
refuses(qr/-1/, '--', qw(127.0.0.1 -1));
refuses(qr/no-such-port/, qw(127.0.0.1 no-such-port));
refuses(qr/no such host/, 'no such host', 0);
refuses(qr/192\.0\.2\.1/, qw(192.0.2.1 0));

# What was probably meant.
refuses(qr/"localhost 5000"/, 5000);
refuses(qr/"localhost 53000"/, 'localhost:53000');
refuses(qr/no path of a pidfile.*"localhost 5000"/, '-p', 5000);
refuses(qr/"63k" is too small \(64k to 1024M\)/, '-r', '63k');

# Limits and signals that the starter leaves.
{
	local $Room::PROGRAM = 'sh';
	my $program = $ENV{CHATSERV} // 'chatserv/chatserv';
	my ($status, $output) = Room->run('-c',
	    "ulimit -f 100; exec $program 127.0.0.1 0");
	is($status, 1, 'a limit on files is no signal that ends it');
	like($output, qr/cannot make shared memory .*: File too large/,
	    'but said to be what it is');
}
{
	local $Room::PROGRAM = 'sh';
	my $program = $ENV{CHATSERV} // 'chatserv/chatserv';
	my ($status, $output) = Room->run('-c',
	    "ulimit -n 10; exec $program 127.0.0.1 0");
	is($status, 1, 'with descriptors for no client nothing starts');
	like($output, qr/ulimit -n|Too many open files/, 'and it is said why');
	my $room = Room->start('-c', "ulimit -n 64; exec $program \"\$@\"",
	    'sh', '--', '127.0.0.1', 0);
	$room->enter('alice');
	pass('64 are enough');
	$room->stop;
}
{
	my $room = Room->start('--', '::ffff:127.0.0.1', 0);
	is($room->{host}, '127.0.0.1', 'a mapped address is that of IPv4');
	$room->enter('alice');
	$room->stop;
}
for my $signal (qw(INT HUP)) {
	local $SIG{$signal} = 'IGNORE';
	my $room = Room->start;
	$room->signal($signal);
	$room->enter('alice')->say('here')->sees('<alice> here',
	    "an ignored $signal stays ignored");
	unlike($room->log, qr/stopping/, 'and ends nothing');
	$room->stop;
}

# An address that is there twice.
SKIP: {
	skip 'no other /etc/hosts here', 2 if system('unshare', '-m', 'true');
	my $dir = File::Temp->newdir;
	chmod 0755, $dir;
	open my $fh, '>', "$dir/hosts" or die "hosts: $!\n";
	print $fh "127.0.0.1 localhost twice\n127.0.0.1 twice\n";
	print $fh "127.0.1.$_ many\n" for 1 .. 20;
	close $fh;
	for my $host (qw(twice many)) {
		local $Room::PROGRAM = 'unshare';
		my $program = $ENV{CHATSERV} // 'chatserv/chatserv';
		my $room = Room->start('-m', 'sh', '-c', "mount --bind " .
		    "$dir/hosts /etc/hosts && exec $program -U root \"\$@\"",
		    'sh', '--', $host, 0);
		$room->enter('alice');
		my $n = () = $room->log =~ /listening on 127/g;
		is($n, $host eq 'twice' ? 1 : 15, "$host: each is listened on");
		like($room->log, qr/many has more than 15 addresses: /,
		    'and it is said where some are not') if $host eq 'many';
		$room->stop;
	}
}

my $room = Room->start;
my ($status, $output) = Room->run('127.0.0.1', $room->port);
is($status, 1, 'a port in use is exit status 1');
my @lines = split /\n/, $output;
is(@lines, 1, 'and one line');
my $port = $room->port;
my $pid = $room->pid;
like($lines[0] // '', qr/^chatserv: .* port $port: in use; pid $pid has/,
    'that names the port and the process that has it');
$room->enter('alice')->say('hello');
pass('the server that has the port is not disturbed');
$room->stop;
done_testing;
