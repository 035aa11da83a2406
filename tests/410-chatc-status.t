#!/usr/bin/env perl
#
# Goal: chatc's exit status is honest: 0 only if the server echoed everything,
# otherwise one that says what a script can do about it, with one line on
# standard error.  The program, its help and its manual name the same
# statuses, and each of them occurs.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use IO::Socket::INET;
use Room;
use Test::More;

Room::expects(
	qr/refused: the room is full: try again later/,
	qr/died of signal 9; recovered/,
	qr/kicked left \(killed\)/,
);

my $room = Room->start;
my ($status, $out, $err);

# chatc's own list of its options and statuses.
my $help = Chatc->start('-h');
is($help->status, 0, 'chatc -h is not an error');
is($help->err, '', 'nor is it reported as one');
is(Chatc->start('--help')->status, 0, 'nor is --help');
my ($options, $statuses) = $help->out =~
    /^options:\n(.*)\nexit status:\n(.*?)\n\n/ms;
my @options = $options =~ /^  -(\w(?: [a-z]+)?) +\S/mg;
my %means = $statuses =~ /^  (\d+) +(\S.*)$/mg;
my %had;

# The items of a list in this section of the manual.
sub items {
	my ($section) = @_;

	open my $manual, '<', 'chatc/chatc.1' or die;
	my ($text) = join('', <$manual>) =~ /^\.S[hs] $section\n(.*?)^\.S[hs] /ms;
	return $text =~ /^\.It (.*)$/mg;
}

is(join(', ', map { s/^Fl //r =~ s/ Ar / /r } items('DESCRIPTION')),
    join(', ', @options), 'the manual has the options that the program has');
is(join(' ', sort { $a <=> $b } items('EXIT STATUS')),
    join(' ', sort { $a <=> $b } keys %means), 'and the statuses');

sub status_is {
	my ($got, $wanted, $name) = @_;

	$had{$got}++;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is($got, $wanted, "$name: status $wanted");
}

sub fails_with {
	my ($wanted_status, $wanted, $name, $got, $errors) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	status_is($got, $wanted_status, $name);
	like($errors, qr/\Achatc: [^\n]*$wanted[^\n]*\n\z/,
	    "$name: one line says so");
}

# A port where nobody listens: bound, and not listening.
my $deaf = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'tcp')
    or die;
my $nowhere = { host => '127.0.0.1', port => $deaf->sockport };
($status, $out, $err) = Chatc->run($nowhere, "lost\n", qw(-n a));
fails_with(69, 'Connection refused', 'no server', $status, $err);
is($out, '', 'then nothing is on standard output');

my $nohost = { host => 'no.such.host.invalid', port => 1 };
($status, $out, $err) = Chatc->run($nohost, "lost\n", qw(-n a));
fails_with(69, 'no.such.host.invalid', 'no such host', $status, $err);

my $nosocket = Chatc->start(qw(-n a -u /no/such/socket));
fails_with(69, '/no/such/socket', 'no such unix socket', $nosocket->status,
    $nosocket->err);

my $bob = $room->enter('bob');
($status, $out, $err) = Chatc->run($room, "hi\n", qw(-n bob));
fails_with(73, 'bob is taken', 'a taken name', $status, $err);

($status, $out, $err) = Chatc->run($room, "hi\n", '-n', 'b b');
fails_with(2, 'the name b b has a space', 'a bad name', $status, $err);
($status, $out, $err) = Chatc->run($room, "hi\n", '-n', 'b/2');
fails_with(2, 'the name b/2 has a /', "a name that only the system gives",
    $status, $err);

# What a person is told is no failure (490-chatc-terminal.t); a script's is.
($status, $out, $err) = Chatc->run($room, "!nonsense\n", qw(-c -n script));
fails_with(1, 'no such command', "a script's mistake", $status, $err);
($status, $out, $err) = Chatc->run($room, "!me \n", qw(-c -n script));
fails_with(1, '!me needs a text', "one that chatc itself sees", $status, $err);

# What is awaited, and how far it got.
($status, $out, $err) = Chatc->run($room, '', qw(-n waits -m never -w 1));
status_is($status, 124, 'a message that does not arrive in time');
is($err, '', 'which needs no words');

my $small = Room->start(qw(-m 1));
my $only = $small->enter('only');
($status, $out, $err) = Chatc->run($small, "hi\n", qw(-n second));
fails_with(77, 'full', 'a full room', $status, $err);
($status, $out, $err) = Chatc->run($small, "hi\n", qw(-n second -R -w 1));
status_is($status, 77, 'a room that is still full after -w');
like($err, qr/full: try again later; trying again\n.*full/s, 'which is said');

my $killed = Chatc->in_room($room, qw(-n victim))->type("one\n");
$killed->expect(qr/^<victim> one$/m);
kill 'KILL', $room->session_of('victim');
status_is($killed->status, 1, 'a session that is killed');
is($killed->err, "chatc: connection lost\n", 'and that is what it says');

my $kicked = Chatc->in_room($room, qw(-n kicked))->type("one\n");
$kicked->expect(qr/^<kicked> one$/m);
kill 'TERM', $room->session_of('kicked');
status_is($kicked->status, 1, 'a session that the administrator ends');
like($kicked->err, qr/\Achatc: the server ended the connection: .+\n\z/,
    'which names the reason');

my $late = Chatc->in_room($room, qw(-n late))->type("one\n");
$late->expect(qr/^<late> one$/m);
$room->stop;
status_is($late->status, 1, 'a server that stops');
is($late->err, "chatc: the server ended the connection: server stopping\n",
    'which names the reason too');

# A fake server: chatc's phase once it has sent its name.
sub refused {
	my ($reply, @options) = @_;

	my $listener = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die;
	my $chatc = Chatc->in_room({ host => '127.0.0.1',
	    port => $listener->sockport }, @options, qw(-n x))->end;
	my $server = $listener->accept;
	syswrite $server, "-- who are you?\n";
	while (<$server>) { last if /^x$/ }
	syswrite $server, "-\tinfo\t\ttsv\n$reply";
	close $server;
	close $listener;
	return $chatc;
}

my $chatc = refused("-\tbye\t\tserver stopping\n");
fails_with(69, 'server stopping', 'a server that stops during the join',
    $chatc->status, $chatc->err);
$chatc = refused("-\terr\t\tyou gave no name in time\n");
fails_with(77, 'in time', 'a refusal that is not for the name',
    $chatc->status, $chatc->err);
$chatc = refused("-\tbye\t\tserver stopping\n", qw(-R -w 1));
status_is($chatc->status, 69, 'with -R none appears within the time of -w');
like($chatc->err, qr/\Achatc: the server ended the connection: server stopping; trying again\nchatc: [^\n]+\n\z/,
    'and both are reported');

# A line counts as published only with its echo.
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
	status_is($chatc->status, 1,
	    'a server that exits before the last echo');
	is($chatc->err, "chatc: connection lost\n", 'in so many words');
}

# A silent server.
{
	my $listener = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die;
	my $place = { host => '127.0.0.1', port => $listener->sockport };
	($status, $out, $err) = Chatc->run($place, "hi\n",
	    'env', { CHATC_PATIENCE => 1 }, '--', qw(-n x));
	fails_with(69, 'does not answer', 'a silent server',
	    $status, $err);
}

# Usage.
for my $argv (['-x'], ['-C', '0'], ['-C', 'x'], ['-w', '-2'], ['-s', 'a'],
    ['-l', '-1'], ['-m', '('], [qw(a 1 b)], [qw(-u path host)],
    [qw(-e cmd host)], ['-n']) {
	my $chatc = Chatc->start(@$argv);
	status_is($chatc->status, 2, "chatc @$argv is wrong usage");
	like($chatc->err, qr/(?:usage|chatc): ./,
	    'and standard error says why');
}

$room = Room->start;
status_is((Chatc->run($room, "hi\n", qw(-n ok)))[0], 0, 'all is well');
is(join(' ', sort { $a <=> $b } keys %had),
    join(' ', sort { $a <=> $b } keys %means),
    'these were all statuses that the help names');
$room->stop;
done_testing();
