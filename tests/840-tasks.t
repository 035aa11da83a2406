#!/usr/bin/env perl
#
# Goal: each command of chatserv-tasks(7) does what the page says, copied from
# the page as mandoc(1) renders it; only the port is this room's.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Cwd;
use File::Temp;
use Room;
use Test::More;

Room::expects(qr/mallory left \(killed\)/,
    qr/deny list deny: read again, \d entries/);

my $here = getcwd;
my $there = File::Temp->newdir;
my $deny = "$there/deny";
open my $fh, '>', $deny or die "$deny: $!\n";
close $fh;
my $room = Room->start('-k', '-D', $deny);
my $port = $room->port;
my $segment = "/dev/shm/chatserv.$port";
plan skip_all => 'shared memory is no file here' if !-e $segment;

my $rendered = `mandoc -T utf8 chatserv/chatserv-tasks.7 2>/dev/null | col -b`;
plan skip_all => 'no mandoc here' if $rendered eq '';

# The example that begins with this; a test.
sub example {
	my ($begin) = @_;

	my ($found) = $rendered =~ /^\s+\$ (\Q$begin\E.*)$/m;
	ok(defined $found, "the page shows $begin ...");
	return $found =~ s/53000/$port/gr;
}

sub run {
	my ($command) = @_;

	return Chatc->start(program => ['sh', '-c', "cd $there && $command"],
	    env => { PATH => "$here/chatc:$here/contrib/chatstat:$ENV{PATH}",
	    CHATC_PORT => $port, CHATC_HOST => $room->{host} }, '--');
}

# Another server on the same port, when the old one has ended.
sub start_again {
	is($room->exit_status, 0, 'the server stops in order');
	$room = Room->start('-k', '--', $room->{host}, $port);
}

# What it prints, at its end.
sub printed {
	my $run = run(@_);

	$run->end->status;
	return $run->out;
}

my $ear = $room->enter('ear');
my $rob = Chatc->in_room($room, '-R', '-n', 'rob');
$ear->expect('-- rob joined');

# Who is here.
SKIP: {
	my $command = example(q(printf '!who\n!quit\n' | nc));
	$command =~ s/localhost/$room->{host}/;
	my $run = run($command);
	skip 'no nc here', 1 if $run->end->status == 127;
	like($run->out, qr/\bear\b.*\brob\b|\brob\b.*\bear\b/,
	    'nc tells who is here');
}
like(printed(example('ps -A -o pid,args | grep \'[c]hatserv:\'')),
    qr/chatserv: ear /, 'so does ps');
like(printed(example('chatstat -1')), qr/\bear\b/, 'and chatstat');

# A message to all.
is(run(example('echo "back in five minutes"'))->status, 0, 'ops is heard');
$ear->sees('<ops> back in five minutes', 'by all');
is(run(example('chatc -d -n backup'))->status, 0,
    'the history can be requested');
open $fh, '<', "$there/history.txt" or die "history.txt: $!\n";
ok((grep {/<ops> back in five minutes$/} <$fh>), 'as text');

# Kick.
my $mallory = $room->enter('mallory');
$ear->expect('-- mallory joined');
my ($pid) = $room->session_of('mallory');
like(printed(example('ps -A -o pid,args | grep \'[c]hatserv: mallory')),
    qr/^ *$pid /m, 'ps shows the process of a client');
is(run(example('kill 4243') =~ s/4243/$pid/r)->status, 0, 'a session is ended');
$ear->sees('-- mallory left (killed)', 'and all see it');

# Keep out.
my ($entries) = $rendered =~ /^(\s+# since Monday\n(?:.*\S\n)+)/m;
open $fh, '>', $deny or die "$deny: $!\n";
print $fh $entries;
close $fh;
is(run(example('kill -HUP `ps -A'))->status, 0, 'the server reads the list');
$room->logs(qr/deny list deny: read again, 4 entries/,
    "all of the page's lines");
$ear->say('still here')->sees('<ear> still here', 'others stay');

# Upgrade.
is(run(example('kill `ps -A -o pid,args | awk'))->status, 0,
    'the server is told to stop');
$ear->expect(qr/server stopping/);
start_again();
$ear = $room->enter('eve');
$ear->say('after the upgrade');
$rob->shows(qr/<eve> after the upgrade/, 'chatc -R has returned');

# Back up, forget, restore.
kill 'TERM', $room->pid;
is($room->exit_status, 0, 'it stops again');
my $copy = example('cp -p /dev/shm/chatserv.53000');
my $restore = example('cp -p history.backup');
is(run($copy)->status, 0, 'the history is copied');
unlink $segment;
is(run($restore)->status, 0, 'and put back');
$room = Room->start('--', $room->{host}, $port);
my $late = $room->enter('late', last => 10);
ok((grep {/<eve> after the upgrade/} @{$late->{entry}}),
    'what was said is there again');

# Two rooms.
my @two = map { example("chatserv -b localhost 5300$_") } 0, 1;
is(scalar @two, 2, 'two rooms are two ports');

$rob->end;
$room->stop;
done_testing();
