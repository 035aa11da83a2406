# Goal: in a user namespace, where the users without a number there look like
# nobody, none of them is taken for the server's user nobody, or for anybody
# else.

use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use POSIX qw(mkfifo);
use Room;
use Test::More;

my ($daemon, $nobody) = map { scalar getpwnam $_ } 'daemon', 'nobody';
plan skip_all => 'only root can do this' if $> != 0;
plan skip_all => 'this needs the users daemon and nobody'
    if !defined $daemon || !defined $nobody;
plan skip_all => 'there are no namespaces of users here'
    if system 'unshare -U true 2>/dev/null';
open my $overflow, '<', '/proc/sys/kernel/overflowuid' or
    plan skip_all => 'the kernel does not tell';
plan skip_all => 'nobody has a number of its own here'
    if <$overflow> != $nobody;

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;
mkfifo "$dir/$_", 0600 or die "$_: $!\n" for qw(born mapped);

# Instead of the server, start a process in a new namespace, in which it and
# then the server are root; give numbers there to root and to users from
# $first on, but to no other of this machine.
my $first = 200_000;
my $program = abs_path($Room::PROGRAM);
sub write_to {
	my ($path, $text) = @_;
	open my $fh, '>', $path or die "$path: $!\n";
	syswrite $fh, $text or die "$path: $!\n";
}
write_to("$dir/server", <<"EOT");
#!/bin/sh
exec unshare -U sh -c 'echo \$\$ >$dir/born; read -r _ <$dir/mapped
exec \$become $program "\$@"' sh "\$@"
EOT
chmod 0755, "$dir/server";

sub begin {
	my ($how, @options) = @_;

	defined(my $pid = fork) or die "fork: $!\n";
	if ($pid == 0) {
		open my $born, '<', "$dir/born" or POSIX::_exit(1);
		chomp(my $child = <$born>);
		write_to("/proc/$child/${_}_map", "0 0 1\n1 $first 65535\n")
		    for qw(uid gid);
		write_to("$dir/mapped", "\n");
		POSIX::_exit(0);
	}
	local $Room::PROGRAM = "$dir/server";
	my @result = Room->$how(@options);
	waitpid $pid, 0;
	return @result;
}

# A client on the unix socket, as this user of the machine.
sub client {
	my ($room, $uid) = @_;
	local $> = $uid;
	return $room->connect(path => "$dir/sock");
}

my ($room) = begin('start', '-u', "$dir/sock");
my $unmapped = client($room, $daemon);
$unmapped->say('root');
$unmapped->next_is('!! the system does not say who you are',
    'a user without a number there looks like nobody, and is not admitted');
is(join(' ', $unmapped->rest), '', 'and is refused');
my $server = client($room, $first - 1 + $nobody);
$server->next_is('!! the system does not say who you are',
    'nor is nobody there, for that could be anybody');
my $root = client($room, 0);
$root->say('')->sees(qr/^-- welcome root/, 'root is still root');
my $mapped = client($room, $first + 4);
$mapped->say('')->sees(qr/^-- welcome /, 'and others are who they are');
Room::expects(qr/local: refused: the system does not say who you are/);
$room->stop;

# A nobody of the namespace does not trust a directory, whoever owns it.
SKIP: {
	skip 'there is no setpriv', 2 if system 'setpriv true 2>/dev/null';
	mkdir "$dir/theirs" or die "theirs: $!\n";
	chown $daemon, -1, "$dir/theirs";
	chmod 01777, "$dir/theirs";
	local $ENV{become} =
	    "setpriv --reuid $nobody --regid 65534 --clear-groups";
	my ($status, $output) = begin('run', '-u', "$dir/theirs/sock",
	    '127.0.0.1', 0);
	is($status, 1, 'nobody does not trust what nobody may own');
	like($output, qr/its directory is not safe/, 'and says so');
}

# Outside, nobody is an ordinary user, and the server's own.
$room = Room->start('-u', "$dir/sock");
$server = client($room, $nobody);
$server->say('')->sees(qr/^-- welcome nobody/, 'as nobody is elsewhere');
$room->stop;
done_testing;
