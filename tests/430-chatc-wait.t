#!/usr/bin/env perl
#
# Goal: with -C, -m and -w chatc is a barrier between machines.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use IO::Select;
use IO::Socket::INET;
use Room;
use Test::More;

my $room = Room->start;
my $ann = $room->enter('ann', tsv => 1);
my ($status, $out, $err);

sub waiter {
	my ($name, @options) = @_;

	my $chatc = Chatc->in_room($room, '-d', '-n', $name, @options);
	$ann->expect(qr/\tjoin\t\Q$name\E\t/);
	return $chatc;
}

my %form = (plain => [], raw => ['-r'], quiet => ['-q'],
    timed => ['-t', '%H:%M']);
my %counting = map { $_ => waiter($_, '-C', 3, @{ $form{$_} }) } keys %form;
my $guest = $room->enter('guest', tsv => 1);
$guest->say('one')->say('!me two')->say('three')->say('four')->say('!quit');
$ann->expect(qr/\tleave\tguest\t/);
for my $form (sort keys %form) {
	my $chatc = $counting{$form};
	is($chatc->status, 0, "-C 3 ends well ($form)");
	is(scalar(() = $chatc->out =~ /^(?!.*joined).*\b(?:one|two|three)$/mg),
	    3, "with three messages shown ($form)");
	unlike($chatc->out, qr/four/, "and no fourth ($form)");
}

my $pattern = 'deploy (ok|failed)';
my $barrier = waiter('barrier', '-m', $pattern, '-C', 1, '-w', 300);
$ann->say($_) for 'deploying', 'deploy: ok', 'deploy failed at last';
is($barrier->status, 0, 'a message that matches opens the barrier');
like($barrier->out, qr/<ann> deploy failed at last\n\z/,
    'and is the last one shown');

my $alone = waiter('alone', '-m', '^go$');
$ann->say('gone')->say('go');
is($alone->status, 0, '-m alone ends at the first that matches');

my $two = waiter('two', '-m', 'x', '-C', 2, '-w', 300);
$ann->say('ax')->say('b')->say('cx')->say('dx');
is($two->status, 0, '-m and -C count those that match');
like($two->out, qr/<ann> ax\n<ann> b\n<ann> cx\n\z/, 'and only those');

($status, $out, $err) = Chatc->run($room, undef, in => '/dev/null', '--',
    qw(-n timeout -d -m never -w 1));
is($status, 124, 'when the wait runs out, the status is 124');
is($err, '', 'which needs no words');
($status) = Chatc->run($room, '', qw(-n timeout2 -C 1 -w 1));
is($status, 124, 'also where the input ends before');

{
	my $deaf = IO::Socket::INET->new(LocalAddr => '127.0.0.1') or die;
	my $nowhere = { host => '127.0.0.1', port => $deaf->sockport };
	($status) = Chatc->run($nowhere, '', qw(-R -n nobody -C 1 -w 1));
	is($status, 69, 'where no server is ever found, that is the reason');
	for my $options (['-d'], []) {
		($status) = Chatc->run($nowhere, "x\n", @$options,
		    qw(-R -n nobody -w 1));
		is($status, 69, "also if -w is all there is (@$options)");
	}
	($status) = Chatc->run($nowhere, '', qw(-R -n nobody -w 0));
	is($status, 69, '-w 0 allows one attempt');
}

# To join a room again and again does not prolong the wait.
{
	my $listener = IO::Socket::INET->new(Listen => 9,
	    LocalAddr => '127.0.0.1') or die;
	my $again = Chatc->start(qw(-R -q -n again -w 1), '127.0.0.1',
	    $listener->sockport)->type("unheard\n")->end;
	my $times = 0;
	while (!$again->ended && $times < 100) {
		IO::Select->new($listener)->can_read(0.05) or next;
		my $server = $listener->accept;
		syswrite $server, "-- who?\n";
		while (<$server>) { last if /^again$/ }
		syswrite $server, "-\tinfo\t\ttsv\n-\thello\tagain\t" .
		    '0' x 32 . "\n-\twho\t\t1\n170000000000000" . $times++ .
		    "\tjoin\tagain\t127.0.0.1\n";
		<$server> // next;
		close $server;
	}
	ok($times > 1 && $times < 100,
	    'chatc joins a room that always breaks again, but not for ever');
	is($again->status, 1, 'since -w limits it, and its line is lost');
}

# A server that is silent, or gone when the message could have arrived.
{
	my $silent = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die;
	for my $options ([], ['-R'], ['-C', 1]) {
		($status, $out, $err) = Chatc->run({ host => '127.0.0.1',
		    port => $silent->sockport }, '', qw(-n nobody -w 1),
		    @$options);
		is("$status $err", "69 chatc: the server does not answer\n",
		    "-w bounds a server's silence (@$options)");
	}
	my $brief = Room->start;
	my $hopes = Chatc->in_room($brief, qw(-R -d -n hopes -m never -w 2));
	$hopes->expect(qr/joined/);
	$brief->stop;
	is($hopes->status, 124,
	    'the status tells of a vain wait, whatever happened later');
}

# A connection that is lost while chatc only stays a while.
{
	my $brief = Room->start;
	my $while = Chatc->in_room($brief, qw(-R -q -n while -w 2));
	$while->type("all\n")->end->expect(qr/<while> all/);
	$brief->stop;
	is($while->status, 0,
	    'a published message is a success, whatever happened later');
}

# Question and answer.
my $asking = Chatc->in_room($room, qw(-q -n asking -C 1 -w 300));
$asking->type("what is it?\n")->end;
$ann->expect(qr/\tmsg\tasking\twhat is it\?/);
$ann->say('it is this');
is($asking->status, 0, 'messages of chatc itself do not count');
is($asking->out, "<asking> what is it?\n<ann> it is this\n",
    'so a question can wait for its answer');

# History counts.
($status, $out) = Chatc->run($room, undef, in => '/dev/null', '--',
    qw(-q -n past -d -l 2 -C 2 -w 300));
is($status, 0, 'messages of the past count');
is($out, "<asking> what is it?\n<ann> it is this\n",
    'whoever said them');

# -w without -C and -m.
my $linger = Chatc->in_room($room, qw(-q -n linger -w 1))->type("bye\n")->end;
$ann->expect(qr/\tmsg\tlinger\tbye/);
$ann->say('still there?');
is($linger->status, 0, '-w stays a while after the end of input');
like($linger->out, qr/<ann> still there\?/, 'and receives what is said then');
my $stay = Chatc->in_room($room, qw(-q -n stay -w -1))->type("x\n")->end;
$ann->expect(qr/\tmsg\tstay\tx/);
$ann->say('and now?');
$stay->shows(qr/<ann> and now\?/, '-w -1 stays for ever');
$stay->signal('TERM');
$stay->status;

# Whatever comes at once, and even if nothing of it is shown, may be the end.
{
	my $listener = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die;
	my $brief = Chatc->start(in => '/dev/null', '--', qw(-q -n brief -d -w 0),
	    '127.0.0.1', $listener->sockport);
	my $server = $listener->accept;
	print $server "-- who?\n";
	my @settings = map { scalar <$server> } 1, 2;
	print $server "-\tinfo\t\ttsv\n-\thello\tbrief\t", '0' x 32, "\n",
	    "-\twho\t\t1\n1700000000000000\tjoin\tbrief\t127.0.0.1\n";
	is(Wait::until_true(sub { IO::Select->new($server)->can_read(0) },
	    0.02) && <$server>, "!quit\n",
	    'chatc leaves as soon as it has joined');
	print $server "-\tbye\tbrief\tquit\n";
	close $server;
	is($brief->status, 0, 'if it waits for nothing');
}

$room->stop;
done_testing();
