# Goal: a unix-domain socket, alone or beside TCP, admits the users whom its
# file allows, under the names that the kernel knows; a dead server's socket
# is replaced, a running server's is not, and at the end none is left.

use strict;
use warnings;
use lib 'tests/lib';
use Cwd;
use File::Temp;
use IO::Socket;
use Room;
use Test::More;

my $there = File::Temp->newdir;
chmod 0755, $there;
my $path = "$there/sock";
my $me = getpwuid $>;

# A number of a room that is no port here: without TCP, none is chosen.
sub unused {
	socket my $fh, AF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
	bind $fh, pack_sockaddr_in(0, INADDR_LOOPBACK) or die "bind: $!\n";
	return (unpack_sockaddr_in(getsockname $fh))[0];
}

sub permissions { sprintf '%o', (stat $path)[2] & 07777 }

# Both sockets lead to one room.
my $room = Room->start('-u', $path);
my $alice = $room->enter('alice', tsv => 1);
my $local = Client->connect(path => $path)->say('');
$local->expect(qr/^-- welcome \Q$me\E, 2 here/);
$alice->sees(qr/\tjoin\t\Q$me\E\tlocal$/,
    'a local client has the login name, and its origin is local');
$local->say('hello');
$alice->sees(qr/\tmsg\t\Q$me\E\thello$/, 'the socket leads into the room');
is(permissions(), 666, 'everyone may use it');
my ($status, $output) = Room->run('-u', $path, '127.0.0.1', 0);
is($status, 1, "a running server's socket is not replaced");
like($output, qr/\Achatserv: cannot listen on \Q$path\E: in use/,
    'with a message that says so');
SKIP: {
	skip 'the system does not say who listens', 1 if $^O ne 'linux';
	my $pid = $room->pid;
	like($output, qr/in use by pid $pid\n\z/, 'and names that server');
}
ok(Client->connect(path => $path), 'it is still there');
$room->signal('KILL');
$room->exit_status;
ok(-S $path, 'a server that is killed leaves its socket');
unlink $room->shared_objects;

# Alone.
my $number = unused();
$room = Room->start('-u', "$path\::600", '-L', $me, '--', '-', $number);
is($room->log =~ s/.*: version .*\n//r, "chatserv: listening on $path\n",
    'a stale one is replaced; with - the server listens on nothing else');
is(permissions(), 600, 'the mode is what was asked for');
$local = $room->enter('somebody');
$local->say('alone')->expect('<somebody> alone');
pass('a user whom -L names may speak for others');
ok($room->shared_objects || ! -d '/dev/shm', 'the room has its number');
my $owner = $room->pid;
($status, $output) = Room->run('-u', "$path.2", '-', $number);
is($status, 1, 'another one of that number cannot start');
like($output, qr/room \S+\.$number is in use by pid $owner\n/,
    'and names the owner');
ok(! -e "$path.2", 'and its socket is gone');
$room->stop;
ok(! -e $path, 'at the end the socket is gone');

# From a relative path; somebody else's file of that name stays.
my ($here, $relative) = (getcwd, 'relative');
local $Room::PROGRAM = Cwd::abs_path($Room::PROGRAM);
chdir $there or die "$there: $!\n";
$room = Room->start('-u', $relative);
ok(-S $relative, 'a path may be relative');
rename $relative, "$path.moved";
open my $other, '>', $relative or die "$relative: $!\n";
$room->stop;
ok(-f $relative, 'a file that took the socket\'s place is not removed');
($status, $output) = Room->run('-u', $relative, '127.0.0.1', 0);
is($status, 1, 'nor is one replaced');
like($output, qr/\Q$relative\E: Address (?:already )?in use/,
    'that is no socket');
unlink $relative;
chdir $here;

# Invalid command lines.
for ([['-u', $path, '-', 0], qr/port 0: /], [['-'], qr/no -u/],
	[['-u', "$path:no-such-group"], qr/no such group/],
	[['-u', "$path\::888"], qr/octal/], [['-u', ''], qr/not a path/],
	[['-u', '/x' x 60], qr/not a path/],
	[['-u', '/x' x 100], qr/too long/]) {
	my ($argv, $shown) = @$_;
	next if "$shown" =~ /group/ && Room::cannot_look_up();
	($status, $output) = Room->run(@$argv);
	is($status, 1, "chatserv @$argv is refused");
	like($output, qr/\Achatserv: .*$shown.*\n\z/, 'in one line');
}

# Other users, which only root can become.
SKIP: {
	my ($uid, $gid) = (getpwnam 'daemon')[2, 3];
	skip 'only root can be another user', 9
	    if $> != 0 || !defined $uid;
	my $group = getgrgid $gid;

	sub as_daemon {
		my ($code) = @_;
		local ($), $>) = ("$gid $gid", $uid);
		return $code->();
	}
	$room = Room->start('-u', "$path:$group:660", '--', '-', $number);
	is((stat $path)[5], $gid, 'the group is what was asked for');
	is(permissions(), 660, 'and so is the mode');
	my @two = map { as_daemon(sub { $room->connect }) } 1, 2;
	$two[0]->say('')->sees('-- welcome daemon, 1 here: daemon',
	    'a user can have no other name');
	my $short = as_daemon(sub { $room->connect });
	$short->say('!aemon')->expect(qr/^!! /);
	$short->send('d')->half_close;
	$short->sees(qr/^!! the name d is not yours/,
	    'what follows a line is no part of it');
	$two[1]->say('root')->sees(qr/^!! the name root is not yours/,
	    'cannot take one');
	$two[1]->say('')->sees(qr{^-- welcome daemon/2, 2 here},
	    'and gets a number for a second session');
	$two[0]->say('!name root')->sees(qr/^!! .*not yours/,
	    'nor later');
	$room->stop;
	$room = Room->start('-u', "$path\::600", '--', '-', $number);
	ok(!eval { as_daemon(sub { $room->connect }) },
	    'a user who may not open the socket is not admitted');
	$room->stop;
}
done_testing;
