#!/usr/bin/env perl
#
# The exit status is honest: 0 only if all was sent and came back, else
# another, and one line on standard error that says why.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use IO::Socket::INET;
use Room;
use Test::More;

my $room = Room->start;
my ($status, $out, $err);

sub fails_with {
	my ($wanted, $name, $got, $errors) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($got, 1, "$name: status 1");
	like($errors, qr/\Achatc: [^\n]*$wanted[^\n]*\n\z/,
	    "$name: one line says so");
}

# A port where nobody listens: bound, and not listening.
my $deaf = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'tcp')
    or die;
my $nowhere = { host => '127.0.0.1', port => $deaf->sockport };
($status, $out, $err) = Chatc->run($nowhere, "lost\n", qw(-n a));
fails_with('Connection refused', 'no server', $status, $err);
is($out, '', 'then nothing is on standard output');

my $nohost = { host => 'no.such.host.invalid', port => 1 };
($status, $out, $err) = Chatc->run($nohost, "lost\n", qw(-n a));
fails_with('no.such.host.invalid', 'no such host', $status, $err);

my $nosocket = Chatc->start(qw(-n a -u /no/such/socket));
fails_with('/no/such/socket', 'no such unix socket', $nosocket->status,
    $nosocket->err);

my $bob = $room->enter('bob');
($status, $out, $err) = Chatc->run($room, "hi\n", qw(-n bob));
fails_with('bob is taken', 'a taken name', $status, $err);

($status, $out, $err) = Chatc->run($room, "hi\n", '-n', 'b b');
fails_with('the name b b has a space', 'a bad name', $status, $err);

my $small = Room->start(qw(-m 1));
my $only = $small->enter('only');
($status, $out, $err) = Chatc->run($small, "hi\n", qw(-n second));
fails_with('full', 'a full room', $status, $err);

my $killed = Chatc->in_room($room, qw(-n victim))->type("one\n");
$killed->expect(qr/^<victim> one$/m);
kill 'KILL', $room->session_of('victim');
is($killed->status, 1, 'a session that is killed is a lost connection');
is($killed->err, "chatc: connection lost\n", 'and that is what it says');

my $kicked = Chatc->in_room($room, qw(-n kicked))->type("one\n");
$kicked->expect(qr/^<kicked> one$/m);
kill 'TERM', $room->session_of('kicked');
is($kicked->status, 1, 'a session that is ended by hand is a failure');
like($kicked->err, qr/\Achatc: the server ended the connection: .+\n\z/,
    'which names the reason');

my $late = Chatc->in_room($room, qw(-n late))->type("one\n");
$late->expect(qr/^<late> one$/m);
$room->stop;
is($late->status, 1, 'a server that stops is a failure');
is($late->err, "chatc: the server ended the connection: server stopping\n",
    'which names the reason too');

# What was said just before counts as said only with its echo.
{
	my $listener = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die;
	my $place = { host => '127.0.0.1', port => $listener->sockport };
	my $chatc = Chatc->in_room($place, qw(-n x))->type("swallowed\n")->end;
	my $server = $listener->accept;
	my $say = sub { syswrite $server, join '', map {"$_\n"} @_ };
	$say->('-- who are you?');
	while (<$server>) { last if /^x$/ }
	$say->("-\tinfo\t\ttsv", "-\thello\tx\tff", "-\twho\t\t1",
	    "1700000000000000\tjoin\tx\tlocal");
	while (<$server>) { last if /^!quit$/ }
	close $server;
	is($chatc->status, 1,
	    'a server that goes before the last echo is a failure');
	is($chatc->err, "chatc: connection lost\n", 'in so many words');
}

# A server that says nothing.
{
	my $listener = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die;
	my $place = { host => '127.0.0.1', port => $listener->sockport };
	($status, $out, $err) = Chatc->run($place, "hi\n",
	    'env', { CHATC_PATIENCE => 1 }, '--', qw(-n x));
	fails_with('does not answer', 'a server without a word', $status,
	    $err);
}

# Usage.
for my $argv (['-x'], ['-C', '0'], ['-C', 'x'], ['-w', '-2'], ['-s', 'a'],
    ['-l', '-1'], ['-m', '('], [qw(a 1 b)], [qw(-u path host)],
    [qw(-e cmd host)], ['-n']) {
	my $chatc = Chatc->start(@$argv);
	is($chatc->status, 2, "chatc @$argv makes no sense: status 2");
	like($chatc->err, qr/(?:usage|chatc): ./,
	    'and standard error says why');
}

done_testing();
