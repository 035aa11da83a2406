# Goal: a server that is started as root gives root up before its first
# client, sees no files from then on, and still does everything that it did.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp qw(tempdir);
use Room;
use Test::More;

Room::allows(
	qr/the privileged helper was stopped/,
	qr/the privileged helper does not end: the socket and the segment stay/,
	qr/the privileged helper died: at the end the socket and the segment will stay/,
);

my ($uid, $gid) = (getpwnam 'nobody')[2, 3];
my ($daemon) = (getpwnam 'daemon')[2];
plan skip_all => 'this needs the users nobody and daemon'
    if !$uid || !defined $daemon;
my $dir = tempdir(CLEANUP => 1);
my $socket = "$dir/chat.sock";
chmod 0755, $dir;

sub start { return Room->start('-u', $socket, @_) }

# What Linux reports of a process: "Uid" and so on.
sub status {
	my ($process, $what) = @_;
	open my $fh, '<', "/proc/$process->{pid}/status" or return '';
	my ($value) = map { /^$what:\s+(.*?)\s*$/ } <$fh>;
	return $value;
}

# A client on the unix socket, as this user.
sub local_client {
	my ($room, $uid) = @_;
	local $> = $uid;
	return $room->connect(path => $socket);
}

my ($status, $output);
SKIP: {
	my $why = Room::cannot_look_up();
	skip $why, 1 if $why;
	($status, $output) = Room->run('-U', 'nobody-of-this-name',
	    '127.0.0.1', 0);
	is("$status $output",
	    "1 chatserv: no such user: nobody-of-this-name\n",
	    'the user that runs the server must exist');
}

my ($me) = getpwuid $>;
if ($> != 0) {
	($status, $output) = Room->run('-U', 'root', '127.0.0.1', 0);
	is("$status $output",
	    "1 chatserv: only root can run as another user: root\n",
	    'only root can become another user');
	my $room = start('-U', $me);
	ok(!$room->helper, 'a server that is not root needs no helper');
	$room->stop;
	ok(!-e $socket, 'and the socket is removed');
	Room::allows(qr/the privileged helper was stopped/);
done_testing;
	exit;
}

my $room = start();
my $port = $room->port;
my $alice = $room->enter('alice');
$room->eventually(sub { $room->children == 2 }, 'it has a waker');
my @all = grep { $_->{title} !~ /helper/ } $room->family;
my $helper = $room->helper;
ok($helper, 'it has a helper');
is(@all, 3, 'and server, waker and session');

SKIP: {
	skip 'this needs the /proc of Linux', 6 if !-e "/proc/$$/status";

	is(join(',', map { status($_, 'Uid') } @all),
	    join(',', (join "\t", ($uid) x 4) x 3),
	    'all of these are nobody, for ever');
	is(join(',', map { status($_, 'Gid') } @all),
	    join(',', (join "\t", ($gid) x 4) x 3), 'and in its group');
	is(join(',', map { status($_, 'Groups') } @all), "$gid,$gid,$gid",
	    'and in no other group');
	is(join(',', map { hex status($_, 'CapPrm') } @all), '0,0,0',
	    'and have no capability');
	is((status($helper, 'Uid') =~ /^(\d+)/)[0], 0, 'the helper is root');
	skip 'sanitizers need files', 1 if $ENV{SAN};
	is(join(',', map { my $root = "/proc/$_->{pid}/root";
	    (stat $root)[3], scalar(my @seen = glob "$root/* $root/.??*") }
	    @all), '0,0,0,0,0,0',
	    'and see an empty directory that has been removed');
}
is(join(',', map { sprintf '%d %o', (stat)[4], (stat _)[2] & 0777 }
    $room->shared_objects), "$uid 600", 'the segment is that user\'s');

# Local users have names, which the helper looks up.
my $dora = local_client($room, $daemon);
$dora->say('');
$dora->sees(qr/^-- welcome daemon,/, 'a local user is known by its login');
my $other = local_client($room, $daemon);
$other->say('ellen');
$other->sees(qr/^!! the name ellen is not yours/, 'and can have no other name');
$other->close;
for ([$uid, 'the user whom the server runs as'], [0, 'root']) {
	my ($user, $who) = @$_;
	my $client = local_client($room, $user);
	$client->say('ellen');
	$client->sees(qr/^!! the name ellen is not yours/, "not by $who");
	$client->close;
}
my $nameless = local_client($room, 61234);
$nameless->say('');
$nameless->sees(qr/^-- welcome uid61234,/,
    'a user without a login name has a number');
$dora->say('!quit')->rest;

# Killed, it leaves everything to the next start.
kill 'KILL', $room->pid;
is($room->exit_status, -9, 'when the server is killed its helper exits, too');
ok(-S $socket && $room->shared_objects, 'socket and segment remain');
$room = Room->start('-k', '-u', $socket, '--', '127.0.0.1', $port);
$room->logs(qr/history of an earlier server copied/,
    'the next server has the history');
my $dan = local_client($room, $daemon);
$dan->say('');
$dan->sees(qr/^-- welcome daemon,/,
    'and its own socket in place of the old one');
$room->signal('TERM');
is($room->exit_status, 0, 'at its end');
ok(!-e $socket, 'the socket is removed');
is(scalar(my @segment = $room->shared_objects), 1,
    'and with -k the segment remains');
$room = Room->start('-u', $socket, '--', '127.0.0.1', $port);
$room->logs(qr/history of an earlier server copied/, 'for the next start');
$helper = $room->helper->{pid};
kill $_, $helper for qw(HUP INT TERM USR1 USR2 QUIT URG);
ok($room->helper, 'no signal but KILL ends the helper');
$room->stop;
ok(!-e $socket, 'without -k neither remains');

# A root that cannot be written.
SKIP: {
	skip 'no other mounts here, or no lock-in', 1
	    if $ENV{SAN} || system('unshare', '-m', 'true') != 0;
	local $Room::PROGRAM = 'unshare';
	$room = Room->start('-m', 'sh', '-c', 'for d in /run /tmp; do ' .
	    'mount --bind $d $d && mount -o remount,ro,bind $d || exit; done; ' .
	    "exec @{[$ENV{CHATSERV} // 'chatserv/chatserv']} \"\$@\"", 'sh');
	$room->enter('rosa')->say('hi')->sees('<rosa> hi',
	    'where nothing else can be written, /dev/shm has an empty directory');
	$room->stop;
}

# The helper is of use, but not needed.
$room = start();
my $bob = $room->enter('bob');
kill 'KILL', $room->helper->{pid};
$room->logs(qr/the privileged helper died/,
    'the log says that the privileged helper was killed');
$bob->say('still here');
$bob->sees('<bob> still here', 'and the room continues');
my $dirk = local_client($room, $daemon);
$dirk->say('');
$dirk->sees(qr/^-- welcome uid$daemon,/, 'then local users have numbers');
$room->signal('TERM');
is($room->exit_status, 0, 'and the end is in order');
my $stayed = unlink $socket, $room->shared_objects;
SKIP: {
	skip 'which sanitizers do not lock in', 1 if $ENV{SAN};
	is($stayed, 2, 'but socket and segment remain');
}

# A helper that is late could find a successor's files.  (When its parent has
# gone, the system continues it.)
$room = start();
my $late = $room->helper->{pid};
kill 'STOP', $late;
$room->signal('TERM');
$room->logs(qr/the privileged helper does not end/,
    'the server does not wait long for its helper');
is($room->exit_status, 0, 'and the end is in order');
$room->eventually(sub { !kill 0, $late }, 'the helper exits when it can');
$stayed = unlink $socket, $room->shared_objects;
SKIP: {
	skip 'which sanitizers do not lock in', 1 if $ENV{SAN};
	is($stayed, 2, 'and then removes nothing');
}

# Another user, or none.
$room = start('-U', 'daemon');
is((stat(($room->shared_objects)[0]))[4], $daemon,
    'it can become another user');
kill 'KILL', $room->pid;
$room->exit_status;
($status, $output) = Room->run('127.0.0.1', $room->port);
like($output, qr/^chatserv: .*shared memory.*: Permission denied$/m,
    'whose segment a third user may not touch');
unlink $room->shared_objects;
$room = start('-U', 'root');
ok(!$room->helper, 'as root it needs no helper');
is((stat(($room->shared_objects)[0]))[4], 0,
    'and creates a segment of its own');
my $dina = local_client($room, $daemon);
$dina->say('');
$dina->sees(qr/^-- welcome daemon,/, 'and finds names by itself');
$room->stop;
done_testing;
