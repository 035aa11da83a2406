# A real server for a test: start it, talk to it, stop it, and check it.
#
# The program is $CHATSERV, or chatserv/chatserv.  It listens on a free port of
# its own.  With CHATSERV_AT=host:port a test that needs only what clients see
# runs against that server, whoever wrote it, and leaves it running.  Whatever
# happens to the test, at its end no process of the server and no shared object
# of it remains.  A test also fails if the log of a room contains a line that is
# neither ordinary nor expected.
#
# With STRACE=FILE strace(1) writes the system calls of each process to
# FILE.PID, and a test that fails shows the call for which the filter of system
# calls killed a session.

package Room;

use strict;
use warnings;
use Client;
use IO::Socket;
use POSIX ();
use Test::More ();
use Wait;

our $PROGRAM = $ENV{CHATSERV} // 'chatserv/chatserv';
our $LOG_SOCKET;	# the log is a socket, not a pipe
my @rooms;

# What rooms log when nothing goes wrong.
my $CLIENT = qr/.+ pid \d+: /;
my @allowed = (
	qr/listening on .*/, qr/stopping/, qr/stopped/,
	qr/version \S+, protocol \d+, segment \d+/,
	qr/room \S+: history of an earlier server copied/,
	qr/$CLIENT(?:connected|disconnected without a name|joined as \S+)/,
	qr/${CLIENT}speaks from outside as \S+/,
	qr/$CLIENT\S+ is now \S+/,
	qr/$CLIENT\S+ left \((?:quit|server stopping|connection lost)\)/,
	qr/\d+ of \d+ clients, \d+ with a name, head \d+/,
	qr/${CLIENT}in \d+ out \d+ lost \d+ lag \d+(?: lagging)?/,
);
push @allowed, qr/qemu: .*/ if $ENV{QEMU};
# A build with SAN=1, or a system without such a filter; tests/540-sealed.t
# fails if a filter is missed where there could be one.
push @allowed, qr/system calls are not filtered: .*/;
my @expected;

$SIG{PIPE} = 'IGNORE';
$SIG{$_} = sub { exit 1 } for qw(HUP INT TERM);

# Lines, each as a pattern for its end, that the rooms of this test log, and
# those that they may log.
sub expects { push @expected, @_ }
sub allows { push @allowed, @_ }

sub spawn {
	my (@argv) = @_;

	my ($log, $log_end);
	($LOG_SOCKET ? socketpair $log, $log_end, AF_UNIX, SOCK_STREAM, 0 :
	    pipe $log, $log_end) or die "pipe: $!\n";
	# Nobody reads the log while a test is busy elsewhere: on Linux,
	# F_SETPIPE_SZ makes space.  Elsewhere 64 KiB are enough.
	fcntl $log, 1031, 1 << 20 if $^O eq 'linux' && !$LOG_SOCKET;
	defined(my $pid = fork) or die "fork: $!\n";
	if ($pid == 0) {
		setpgrp 0, 0;	# so that the whole family can be signalled
		$SIG{PIPE} = 'DEFAULT';
		open STDIN, '<', '/dev/null';
		open STDOUT, '>&', $log_end;
		open STDERR, '>&', $log_end;
		# Its parent is still the test: strace(1) is a grandchild.
		my @command = ($ENV{STRACE} ? (qw(strace -D -ff -qq -o),
		    $ENV{STRACE}) : (), $PROGRAM, @argv);
		exec { $command[0] } @command or POSIX::_exit(127);
	}
	close $log_end;
	return ($pid, $log);
}

# chatserv with these options, on 127.0.0.1 unless a host follows '--'.  If
# that is "-", a number for the room follows, and -u says where it listens.
sub start {
	my ($class, @options) = @_;
	my @place = ('127.0.0.1', 0);

	return foreign($class, @options) if $ENV{CHATSERV_AT};
	for my $i (0 .. $#options) {
		next if $options[$i] ne '--';
		@place = splice @options, $i;
		shift @place;
		last;
	}
	my ($pid, $fh) = spawn(@options, @place);
	my $self = bless { pid => $pid, fh => $fh, log => '' }, $class;
	push @rooms, $self;
	Wait::add($self);
	my $line = $self->expect_log(qr/listening on .*\n/);
	if ($line =~ /listening on (\S+) port (\d+)/) {
		@$self{qw(host port)} = ($1, $2);
	} else {
		($self->{path}) = $line =~ /listening on (.*)\n/;
		$self->{port} = $place[1];
	}
	return $self;
}

# Run chatserv to its end: its exit status (or -signal) and what it printed.
sub run {
	my ($class, @argv) = @_;

	my ($pid, $fh) = spawn(@argv);
	my $self = bless { pid => $pid, fh => $fh, log => '', ran => 1 },
	    $class;
	push @rooms, $self;
	Wait::add($self);
	return ($self->exit_status, $self->{log});
}

# The server of $CHATSERV_AT, of which nothing is known but its address.
sub foreign {
	my ($class, @options) = @_;
	my ($host, $port) = $ENV{CHATSERV_AT} =~ /^(.+):(\d+)$/ or
	    die "CHATSERV_AT is no host:port\n";

	die "this test needs a server with its own options\n" if @options;
	return $class->at($host, $port);
}

# A room that another program started and will end.
sub at {
	my ($class, $host, $port) = @_;
	return bless { host => $host, port => $port }, $class;
}

sub pid { $_[0]{pid} }
sub port { $_[0]{port} }
sub log { Wait::pump(0); return $_[0]{log} }

# For Wait, as in every handle: here it is the log.
sub fh { $_[0]{fh} }
sub wants_input { !$_[0]{over} }
sub wants_output { 0 }

sub take {
	my ($self) = @_;

	my $n = sysread $self->{fh}, $self->{log}, 1 << 16, length $self->{log};
	$self->{over} = 1 if !$n;
}

# Wait for this in the log; return the log up to there, or die.
sub expect_log {
	my ($self, $wanted) = @_;

	my $found = Wait::until_true(
	    sub { $self->{log} =~ $wanted ? "$`$&" : $self->{over} });
	die "the log never said $wanted:\n$self->{log}\n"
	    if !defined $found || $self->{log} !~ $wanted;
	return $found;
}

# A test: this appears in the log.
sub logs {
	my ($self, $wanted, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::ok(eval { $self->expect_log($wanted); 1 }, $name) or
	    Test::More::diag($@);
}

# A connection to this room, not yet named.
sub connect {
	my ($self, %how) = @_;

	$how{path} = $self->{path} if !defined $self->{host};
	return Client->connect(host => $self->{host}, port => $self->{port},
	    %how);
}

# A client in the room: by this name, with the settings tsv, last, since and
# token if given.  It has read everything up to and including its own join;
# what came from its welcome on is in $client->{entry}, and a TSV client has
# the room's identity in $client->{room}.
sub enter {
	my ($self, $name, %how) = @_;
	my %settings = map { $_ => delete $how{$_} } qw(tsv last since token);

	my $client = $self->connect(%how);
	$client->say('!tsv') if delete $settings{tsv};
	for (grep { defined $settings{$_} } sort keys %settings) {
		$client->say("!$_ $settings{$_}");
	}
	$client->say($name);
	my @before = $client->expect(
	    qr/\A(?:-- welcome \Q$name\E,|-\thello\t\Q$name\E\t)/);
	my $welcome = pop @before;
	my @more = $client->expect(
	    qr/\A(?:-- \Q$name\E joined\z|\d+\tjoin\t\Q$name\E\t)/);
	$client->{name} = $name;
	($client->{room}) = map { /\A-\troom\t\t(.*)/ ? $1 : () } @before;
	$client->{entry} = [$welcome, @more];
	return $client;
}

# Processes, these or all, as hashes of pid, parent, state and title.
sub processes {
	my (@pids) = @_;
	my @found;

	open my $ps, '-|', 'ps', (@pids ? ('-p', join ',', @pids) : '-A'),
	    '-o', 'pid=,ppid=,stat=,args=' or die "ps: $!\n";
	while (<$ps>) {
		/^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)/ or next;
		push @found, { pid => $1, parent => $2, state => $3,
		    title => $4 };
	}
	close $ps;
	return @found;
}

# Why the program cannot look for users that do not exist, or nothing: a static
# one with glibc asks what nsswitch.conf(5) names beside files.
sub cannot_look_up {
	local (@ARGV, $/) = ($PROGRAM);
	return <> =~ /nsswitch\.conf/ &&
	    'a static glibc loads modules to look names up, and dies of some';
}

# The server itself and its children.
sub family {
	my ($self) = @_;
	my $pid = $self->{pid};

	# If the kernel tells, that is faster than to examine all processes.
	my @pids = $pid;
	if (open my $fh, '<', "/proc/$pid/task/$pid/children") {
		push @pids, map {split} <$fh>;
	} else {
		@pids = ();
	}
	my @family = grep { $_->{pid} == $pid || $_->{parent} == $pid }
	    processes(@pids);
	$self->entitle(@family) if $ENV{QEMU};
	return @family;
}

# An emulator keeps titles from ps: give these processes those that they
# have, as far as chatstat knows who is who.
sub entitle {
	my ($self, @family) = @_;
	my %title = ($self->{pid} => 'chatserv: parent');

	return if !defined $self->{port};
	for (`contrib/chatstat/chatstat -t $self->{port} 2>/dev/null`) {
		chomp;
		my ($row, @column) = split /\t/;
		$title{$column[-1]} = 'chatserv: waker' if $row eq 'room';
		$title{$column[1]} = join ' ', 'chatserv:', $column[2] || (),
		    $column[3] if $row eq 'slot';
	}
	$_->{title} = $title{$_->{pid}} // 'chatserv: helper of port '
	    for @family;
}

# Its children are sessions and the waker.  A server that was started as root
# has a helper, too, from its start to its end.
sub children {
	my ($self) = @_;
	return grep { $_->{pid} != $self->{pid} &&
	    $_->{title} !~ /: helper of port / } $self->family;
}

sub helper {
	my ($self) = @_;
	my ($helper) = grep { $_->{title} =~ /: helper of port / }
	    $self->family;
	return $helper;
}

sub zombies {
	my ($self) = @_;
	return grep { $_->{state} =~ /^Z/ } $self->family;
}

# The pid of the session whose title shows this name.
sub session_of {
	my ($self, $name) = @_;

	my $pid = Wait::until_true(sub {
		my ($one) = grep { $_->{title} =~ /(?<!\S)\Q$name\E(?!\S)/ }
		    $self->children;
		return $one && $one->{pid};
	}, 0.05);
	return $pid // die "no session of $name in ps\n";
}

# A test: the code's condition becomes true, though no handle tells.
sub eventually {
	my ($self, $code, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return Test::More::ok(Wait::until_true($code, 0.05), $name);
}

# Shared objects and semaphores of this server, where the system shows them.
sub shared_objects {
	my ($self) = @_;

	return if !defined $self->{port};
	return grep { /chatserv\D*$self->{port}(?!\d)/ } glob '/dev/shm/*';
}

sub signal {
	my ($self, $signal) = @_;
	kill $signal, $self->{pid} or die "kill: $!\n";
}

# Wait until every process of the server has gone; its exit status.
sub exit_status {
	my ($self) = @_;

	Wait::until_true(sub { $self->{over} }) or
	    die "processes of the server stay:\n", map {
		"$_->{pid} $_->{parent} $_->{state} $_->{title}\n"
	    } $self->family;
	Wait::until_true(sub { waitpid $self->{pid}, POSIX::WNOHANG() }, 0.02)
	    or die "the server does not exit\n";
	my $status = $?;
	$self->forget;
	return $status & 127 ? -($status & 127) : $status >> 8;
}

sub forget {
	my ($self) = @_;

	Wait::drop($self) if $self->{fh};
	close delete $self->{fh} if $self->{fh};
	delete $self->{pid};
}

# A test: at this signal (TERM) the server ends in order, with all its
# processes, and leaves nothing.
sub stop {
	my ($self, $signal) = @_;
	my @wrong;

	return Test::More::pass('the server goes on') if $ENV{CHATSERV_AT};
	$self->signal($signal //= 'TERM');
	my $status = $self->exit_status;
	push @wrong, "exit status $status" if $status != 0;
	push @wrong, map { unlink; "$_ is left" } $self->shared_objects;
	push @wrong, "a sanitizer complained:\n$self->{log}"
	    if $self->complaints;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::is(join("\n", @wrong), '',
	    "at $signal the room ends in order and leaves nothing behind");
}

# Reports of the sanitizers of a build with SAN=1.
sub complaints {
	my ($self) = @_;
	return $self->{log} =~
	    /ERROR: \w+Sanitizer|WARNING: \w+Sanitizer|runtime error:/;
}

# What is wrong with the logs of all rooms.
sub surprises {
	return if !@rooms;	# the test was skipped

	my (@lines) = map { split /\n/, $_->{log} } grep { !$_->{ran} } @rooms;

	my $fine = join '|', @allowed, @expected;
	my @wrong = map {"the log holds: $_"}
	    grep { !/(?:^|: )(?:$fine)$/ } @lines;
	for my $pattern (@expected) {
		push @wrong, "the log does not hold: $pattern"
		    if !grep { /$pattern$/ } @lines;
	}
	return @wrong;
}

# The calls for which sessions of this room were killed, or how to see them.
sub forbidden_calls {
	my ($room) = @_;
	my $killed = qr/ pid (\d+): killed for a forbidden system call/;

	return $room->{log} =~ $killed ? ("(STRACE=calls prove $0 shows the " .
	    'forbidden call)') : () if !$ENV{STRACE};
	my @calls;
	for my $pid ($room->{log} =~ /$killed/g) {
		open my $fh, '<', "$ENV{STRACE}.$pid" or next;
		my @lines = grep { !/^(?:\+\+\+|---)/ } <$fh>;
		chomp @lines;
		push @calls, "pid $pid called $lines[-1]" if @lines;
	}
	return @calls;
}

# What a failed test also shows: the end of each log.
sub show_logs {
	for my $room (@rooms) {
		my @lines = split /\n/, $room->{log};
		my $more = @lines > 40 ? @lines - 40 : 0;
		Test::More::diag(join "\n", "the log of the room:",
		    $more ? "($more lines) ..." : (), @lines[$more .. $#lines],
		    forbidden_calls($room));
	}
}

END {
	my $status = $?;
	for my $room (grep { $_->{pid} } @rooms) {
		kill 'KILL', -$room->{pid};
		kill 'KILL', $room->{pid};
		waitpid $room->{pid}, 0;
		unlink $room->shared_objects;
	}
	my $passing = $status == 0 && Test::More->builder->is_passing;
	my @wrong = $passing ? surprises() : ();
	Test::More::diag(join "\n", 'a room logged what no test expects:',
	    @wrong > 20 ? (@wrong[0 .. 19], '...') : @wrong,
	    '(see expects() in tests/lib/Room.pm)') if @wrong;
	show_logs() if !$passing;
	$? = @wrong ? 1 : $status;
}

1;
