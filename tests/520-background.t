# Goal: with -b the start reports truly how it went and keeps nothing of the
# terminal; the pidfile is locked as long as the server lives, and the log
# goes to the system's log.

use strict;
use warnings;
use lib 'tests/lib';
use Cwd;
use Fcntl qw(LOCK_EX LOCK_NB LOCK_SH);
use File::Temp;
use IO::Socket;
use Room;
use Test::More;

my $there = File::Temp->newdir;
chmod 0755, $there;
my $pidfile = "$there/pid";
my @started;
my $SYSTEM_LOG = '/dev/log';

sub slurp {
	my ($path) = @_;

	open my $fh, '<', $path or return;
	local $/;
	return scalar <$fh>;
}

# Start one; its exit status, its output, and the port.
sub background {
	my (@argv) = @_;

	my ($status, $output) = Room->run('-b', @argv);
	my ($port) = $output =~ /listening on \S+ port (\d+)$/m;
	my $pid = slurp($pidfile);
	push @started, $pid if $pid;
	return ($status, $output, $port);
}

sub enter {
	my ($port, $name) = @_;

	my $client = Client->connect(host => '127.0.0.1', port => $port);
	$client->say($name)->expect(qr/^-- welcome /);
	return $client;
}

sub is_gone {
	my ($pid, $name) = @_;

	ok(Wait::until_true(sub { !kill 0, $pid }, 0.05), $name);
}

# The session of this server's client of that name.
sub session_of {
	my ($parent, $name) = @_;

	return Wait::until_true(sub {
		my ($one) = grep { $_->{parent} == $parent &&
		    $_->{title} =~ /: \Q$name\E / } Room::processes();
		return $one && $one->{pid};
	}, 0.05) // die "no session of $name\n";
}

# What a process has open, where the system shows it.
sub opened {
	my ($pid) = @_;
	return map { readlink // () } glob "/proc/$pid/fd/*";
}

my @place = ('-p', $pidfile, '127.0.0.1', 0);
my ($status, $output, $port) = background(@place);
is($status, 0, 'a start in the background exits 0');
my $alice = enter($port, 'alice');
ok($alice, 'when clients can connect');
like(slurp($pidfile), qr/\A\d+\s*\z/, 'the pidfile has a pid');
my $pid = 0 + slurp($pidfile);
my ($parent) = Room::processes($pid);
like($parent->{title}, qr/port $port/, 'which is the server\'s');
SKIP: {
	my @standard = map { readlink "/proc/$pid/fd/$_" } 0, 1;
	skip 'the system does not show descriptors', 3 if !$standard[0];
	is("@standard", '/dev/null /dev/null', 'it has left the terminal');
	is(readlink "/proc/$pid/cwd", readlink "/proc/$pid/root",
	    'and the directory');
	is(join(' ', grep {/\Q$there\E/} opened(session_of($pid, 'alice'))), '',
	    'no session has the pidfile open');
}
($status, $output) = Room->run('-b', @place);
is($status, 1, 'another server with that pidfile exits 1');
like($output, qr/pidfile \Q$pidfile\E is in use by pid $pid$/m,
    'and says which pid holds it');
($status, $output) = Room->run('-b', '-p', "$pidfile.2", '127.0.0.1', $port);
is($status, 1, 'another on that port does, too');
like($output, qr/port $port: in use; pid $pid has/, 'and says the same');
ok(! -e "$pidfile.2", 'without a pidfile of its own');
$alice->say('still here')->expect('<alice> still here');
kill 'TERM', $pid;
is(($alice->rest)[-1], '-- goodbye (server stopping)',
    'TERM ends it in order');
is_gone($pid, 'it exits');
ok(! -e $pidfile, 'and the pidfile too');
is(join(' ', glob "/dev/shm/chatserv*$port*"), '', 'and the segment');

# A lock that ends with the server, whichever children survive.
($status, $output, $port) = background(@place);
$alice = enter($port, 'alice');
$pid = 0 + slurp($pidfile);
my $session = session_of($pid, 'alice');
kill 'STOP', $session;
kill 'KILL', $pid;
is_gone($pid, 'a server can be killed');
ok(-e $pidfile, 'so that its pidfile remains');
ok(Wait::until_true(sub {
	open my $fh, '<', $pidfile or return;
	return flock $fh, LOCK_SH | LOCK_NB;
}, 0.05), 'but nobody holds the lock, though a session is still there');
my $old = $port;
($status, $output, $port) = background(@place);
is($status, 0, 'and the next server can use it');
isnt(0 + slurp($pidfile), $pid, 'with its own pid');
kill 'KILL', $session;
unlink glob "/dev/shm/chatserv*$old*";
kill 'TERM', slurp($pidfile);
ok(Wait::until_true(sub { ! -e $pidfile }, 0.05), 'it ends in order');

# Relative paths, and the default directory.
{
	my ($here, $program) = (getcwd, $Room::PROGRAM);
	local $Room::PROGRAM = Cwd::abs_path($program);
	chdir $there or die "$there: $!\n";
	($status, $output, $port) = background(qw(-p pid -u sock), '127.0.0.1',
	    0);
	is($status, 0, 'paths may be relative');
	ok(-S 'sock' && -s 'pid', 'to where it was started');
	kill 'TERM', slurp('pid');
	ok(Wait::until_true(sub { ! -e 'pid' }, 0.05), 'and are removed');
	ok(! -e 'sock', 'both');
	chdir $here;
}
{
	local $ENV{XDG_RUNTIME_DIR} = $there;
	($status, $output) = Room->run('-b', '127.0.0.1', 0);
	($port) = $output =~ /listening on \S+ port (\d+)$/m;
	my $run = $> == 0 ? '/var/run' : $there;
	my $file = "$run/chatserv.$port.pid";
	$pid = slurp($file);
	ok($pid, 'without -p the pidfile is in the default directory');
	push @started, $pid;
	kill 'TERM', $pid;
	ok(Wait::until_true(sub { ! -e $file }, 0.05), 'and removed there');
}
SKIP: {
	skip 'root always has a place', 1 if $> == 0;
	delete local $ENV{XDG_RUNTIME_DIR};
	($status, $output) = Room->run('-b', '127.0.0.1', 0);
	like($output, qr/no place for a pidfile.* -p$/m,
	    'a user without such a directory is told to choose one');
}
my $room = Room->start('-p', $pidfile);
is(0 + slurp($pidfile), $room->pid, 'in the foreground -p works, too');
$room->stop;
ok(! -e $pidfile, 'and the pidfile removed');
($status, $output) = Room->run('-p', "$there/no/pid", '127.0.0.1', 0);
is($status, 1, 'a pidfile that cannot be created ends the start');
like($output, qr/cannot make pidfile \Q$there\E\/no\/pid: No such/,
    'and is named');
($status, $output) = Room->run('-b', '-p', $pidfile, '192.0.2.1', 0);
is($status, 1, 'a start that fails exits 1 in the background too');
like($output, qr/^chatserv: .*192\.0\.2\.1/m, 'and says why');
ok(! -e $pidfile, 'without a pidfile');

# The system's log, if no logger is running here.
sub system_log {
	my ($fh);

	unlink $SYSTEM_LOG if @_;
	socket $fh, AF_UNIX, SOCK_DGRAM, 0 or die "socket: $!\n";
	bind $fh, pack_sockaddr_un($SYSTEM_LOG) or return;
	chmod 0666, $SYSTEM_LOG;
	return bless { fh => $fh, log => '' }, 'Room';
}

sub Room::take_lines {
	my ($self) = @_;

	my $bytes = '';
	# Other programs of this machine write there, too, and perhaps no newline.
	$self->{log} .= $bytes =~ s/\n?\z/\n/r
	    while defined recv $self->{fh}, $bytes, 4096, MSG_DONTWAIT;
	return $self->{log};
}

sub tells {
	my ($log, $wanted, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok(Wait::until_true(sub { $log->take_lines =~ $wanted }, 0.02), $name)
	    or diag($log->{log});
}

SKIP: {
	my $log = system_log();
	skip 'the system has a log, or we may not be it', 10 if !$log;
	push @started, 0;	# to remove it at the end
	($status, $output, $port) = background(@place);
	is($status, 0, 'with a system\'s log it starts as well');
	like($output, qr{\A(?:chatserv: version .*\n)?chatserv: listening on \S+ port $port\n\z},
	    'its first lines go to both');
	tells($log, qr/^<30>chatserv: listening on 127\.0\.0\.1 port $port$/m,
	    'the system\'s log has them with facility and level');
	$alice = enter($port, 'alice');
	tells($log, qr/^<30>chatserv: \S+ port \d+ pid \d+: joined as alice$/m,
	    'sessions tell it their events');

	# It is full, then stopped for ever, then another.
	my $room_for = slurp('/proc/sys/net/unix/max_dgram_qlen') // 512;
	for my $n (1 .. 20 + $room_for) {
		my $guest = enter($port, "guest$n");
		$guest->say('!quit')->rest;
	}
	$alice->say('we talk on')->expect('<alice> we talk on');
	pass('a logger that does not read delays nobody');
	$pid = 0 + slurp($pidfile);
	my $turn = 0;
	ok(Wait::until_true(sub {
		kill 'USR2', $pid;
		return $turn++ % 2 && $log->take_lines =~
		    /pid $pid: \d+ lines? of the log lost here$/m;
	}, 0.05), 'it learns how much was lost');
	undef $log;
	$log = system_log('anew');
	my $bob = enter($port, 'bob');
	kill 'HUP', $pid;
	# Only a try tells when the server has acted on that.
	ok(Wait::until_true(sub {
		enter($port, 'carol')->say('!quit')->rest;
		return $log->take_lines =~ /joined as carol$/m;
	}, 0.02), 'after HUP another logger has the log');
	$bob->say('!quit')->rest;
	tells($log, qr/bob left \(quit\)$/m,
	    'even from sessions that began before');
	kill 'HUP', $pid for 1 .. 3;
	$alice->say('not dropped')->expect('<alice> not dropped');
	pass('HUP drops nobody');
	kill 'TERM', $pid;
	$alice->rest;
	is_gone($pid, 'and it ends in order');
}
done_testing;

END {
	my $status = $?;
	for (grep {$_} @started) {
		kill 'KILL', -$_;
		kill 'KILL', $_;
	}
	unlink $SYSTEM_LOG if grep {!$_} @started;
	$? = $status;
}
