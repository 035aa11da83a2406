# Goal: the server tells its supervisor when clients can connect and when the
# room closes, by a newline on a descriptor, or by datagrams to the socket
# that the environment names.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp;
use IO::Socket;
use Room;
use Test::More;

Room::expects(qr/cannot notify .*\/nobody: No such file or directory/);

$^F = 20;	# what is opened here, a server gets too

# What arrives on this handle within the usual time: bytes, '' at the end.
sub next_of {
	my ($fh) = @_;

	Wait::until_true(sub {
		vec(my $ready = '', fileno $fh, 1) = 1;
		select $ready, undef, undef, 0;
	}, 0.02) or return;
	sysread $fh, my $bytes, 4096;
	return $bytes;
}

pipe my $told, my $ready or die "pipe: $!\n";
my $fd = fileno $ready;
my $room = Room->start('-n', $fd);
close $ready;
is(next_of($told), "\n", 'with -n a newline arrives');
my $alice = $room->enter('alice');
ok($alice, 'when clients can connect');
is(next_of($told), '', 'and the descriptor is closed, in every process');
$room->stop;

# A start that fails sends none.
pipe $told, $ready or die "pipe: $!\n";
my ($status, $output) = Room->run('-n', fileno $ready, '192.0.2.1', 0);
close $ready;
is(next_of($told), '', 'a start that fails sends no newline') or
    diag($output);

for ([99, qr/-n 99: Bad file descriptor/], [fileno $told,
	qr/-n \d+: not open for writing/], [2, qr/too small/], ['x', qr/"x"/]) {
	my ($bad, $shown) = @$_;
	($status, $output) = Room->run('-n', $bad, '127.0.0.1', 0);
	ok($status == 1 || $status == 2, "-n $bad is refused");
	like($output, qr/\Achatserv: [^\n]*$shown[^\n]*\n\z/,
	    'with a message that says why');
}

# The socket: by its path, and, if names can be abstract, by such a name.
$^F = 2;
my $there = File::Temp->newdir;
my %address = ("$there/notify" => "$there/notify");
$address{"\@chatserv-test-$$"} = "\0chatserv-test-$$" if $^O eq 'linux';
for my $name (sort keys %address) {
	socket my $fh, AF_UNIX, SOCK_DGRAM, 0 or die "socket: $!\n";
	bind $fh, pack_sockaddr_un($address{$name}) or die "bind: $!\n";
	local $ENV{NOTIFY_SOCKET} = $name;
	$room = Room->start;
	my ($kind) = $name =~ /^(\W)/;
	is(next_of($fh), 'MAINPID=' . $room->pid . "\nREADY=1",
	    "a socket whose name begins with $kind is told of the start");
	my $bob = $room->enter('bob');
	SKIP: {
		my $pid = $room->session_of('bob');
		my @fds = map {readlink} glob "/proc/$pid/fd/*";
		skip 'the system does not show descriptors', 1 if !@fds;
		is(scalar(grep {/^socket:/} @fds), 1,
		    'no child has the socket');
	}
	$room->stop;
	is(next_of($fh), 'STOPPING=1', 'and of the end');
}

$ENV{NOTIFY_SOCKET} = "$there/nobody";
$room = Room->start;
like($room->log, qr/cannot notify \Q$there\E\/nobody: No such file/,
    'if nobody listens, that is logged');
$room->enter('carol')->say('hello')->expect('<carol> hello');
pass('and the room is open nevertheless');
$room->stop;

# Sockets that are there before the server.
sub listening {
	my ($family, $address) = @_;

	local $^F = 20;
	socket my $fh, $family, SOCK_STREAM, 0 or die "socket: $!\n";
	bind $fh, $address or die "bind: $!\n";
	listen $fh, 5 or die "listen: $!\n";
	return $fh;
}

# Run the server with these from descriptor 3 on, LISTEN_FDS as told, and
# LISTEN_PID, if that is to be right, the pid that it will have.
my $hand_over = <<'EOF';
use POSIX 'dup2';
my ($fds, $n, $right, @argv) = @ARGV;
my @fds = split /,/, $fds;
dup2($fds[$_], 40 + $_) for 0 .. $#fds;
dup2(40 + $_, 3 + $_) for 0 .. $#fds;
POSIX::close(3 + @fds);
@ENV{qw(LISTEN_FDS LISTEN_PID)} = ($n, $right ? $$ : $$ - 1);
exec @argv;
EOF
my @sockets;
sub handed {
	my ($method, $n, $right, @argv) = @_;

	my $program = $Room::PROGRAM;
	local $Room::PROGRAM = $^X;
	return Room->$method('-e', $hand_over,
	    join(',', map { fileno $_ } @sockets), $n, $right, $program, @argv);
}

my $path = "$there/sock";
delete $ENV{NOTIFY_SOCKET};
{
	@sockets = (listening(AF_INET, pack_sockaddr_in(0, INADDR_LOOPBACK)),
	    listening(AF_UNIX, pack_sockaddr_un($path)));
	my $port = (unpack_sockaddr_in(getsockname $sockets[0]))[0];
	my $early = Client->connect(host => '127.0.0.1', port => $port);
	$room = handed('start', 2, 1, '--', '192.0.2.1', 1);
	$room->expect_log(qr/listening on \Q$path\E\n/);
	is($room->log =~ s/.*: version .*\n//r,
	    "chatserv: listening on 127.0.0.1 port $port\n" .
	    "chatserv: listening on $path\n",
	    'inherited sockets are used instead of others');
	$early->expect('-- what is your name?');
	pass('a client that connected before the server started is served');
	is(scalar(my @segment = $room->shared_objects), 1,
	    'the room has the number of the TCP port') if -d '/dev/shm';
	my $dave = Client->connect(path => $path)->say('');
	$dave->sees(qr/^-- welcome /, 'the unix socket leads there, too');
	$room->stop;
	ok(-S $path, 'whose file is not the server\'s to remove');

	$room = handed('start', 2, 0);
	isnt($room->port, $port, 'sockets for another process are not used');
	$room->stop;
	for (['x', qr/LISTEN_FDS: "x"/], [-1, qr/"-1"/], [99, qr/more than 15/],
		[3, qr/descriptor 5 is not a listening stream socket/]) {
		my ($n, $shown) = @$_;
		($status, $output) = handed('run', $n, 1, '127.0.0.1', 0);
		is($status, 1, "LISTEN_FDS=$n is refused");
		like($output, qr/\Achatserv: .*$shown.*\n\z/, 'in one line');
	}

	# All of it in the background, where the pid is another one.
	socket my $fh, AF_UNIX, SOCK_DGRAM, 0 or die "socket: $!\n";
	bind $fh, pack_sockaddr_un("$there/back") or die "bind: $!\n";
	local $ENV{NOTIFY_SOCKET} = "$there/back";
	($status, $output) = handed('run', 2, 1, '-b', '-p', "$there/pid");
	is($status, 0, 'in the background inherited sockets are used as well');
	like($output, qr/^chatserv: listening on \Q$path\E$/m, 'the same ones');
	my ($pid) = (next_of($fh) // '') =~ /\AMAINPID=(\d+)\nREADY=1\z/;
	open my $file, '<', "$there/pid" or die "$there/pid: $!\n";
	is($pid, 0 + <$file>, 'and the supervisor is told the pid');
	my $erin = Client->connect(path => $path)->say('');
	$erin->sees(qr/^-- welcome /, 'of the process that serves them');
	kill 'TERM', $pid;
	$erin->rest;
	$room->eventually(sub { !-e "$there/pid" }, 'which ends in order');
	unlink $path;
}
done_testing;
