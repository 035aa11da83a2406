# Goal: a wrong command line gets a clear line and exit status 2 or 1, and
# starts nothing.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

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
