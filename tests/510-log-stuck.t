# Goal: a log that nobody reads, or that cannot be written, loses lines and
# nothing else: the room continues, and the log says later how many lines it
# lost.

use strict;
use warnings;
use lib 'tests/lib';
use IO::Socket;
use Room;
use Test::More;

Room::expects(qr/pid \d+: \d+ lines? of the log lost here/);

my $GUESTS = 200;	# each with two lines or three of the log

# Nobody reads the log while guests connect and leave.
sub unread {
	my ($room, $kind) = @_;

	Wait::drop($room);
	my $alice = $room->enter('alice');
	for my $n (1 .. $GUESTS) {
		my $guest = $room->connect->say("guest$n");
		$guest->expect(qr/welcome/);
		$guest->say('!quit')->rest;
	}
	$alice->sees("-- guest$GUESTS left (quit)",
	    "$GUESTS guests connect and leave while nobody reads the log, $kind");
	kill 'KILL', $room->session_of('alice');
	$room->eventually(sub { $room->children == 1 },
	    'the parent still recovers');
	Wait::add($room);
	$room->eventually(sub {
		$room->signal('USR2');
		return $room->log =~ /\d+ of \d+ clients/;
	}, 'when it is read the parent logs again');
	my $bob = $room->enter('bob');
	$bob->say('still here')->expect('<bob> still here');
	$bob->say('!quit')->rest;
	$room->logs(qr/joined as bob\n/, 'and so do sessions');
	my ($pid, $log) = ($room->pid, $room->log);
	like($log, qr/^chatserv: pid $pid: \d+ lines? of the log lost here$/m,
	    'which says what it has lost');
	my @cut = grep { !/^chatserv: / } split /\n/, $log;
	is("@cut", '', 'and every line in it is whole');
	$room->stop;
}

SKIP: {
	skip 'no F_SETPIPE_SZ', 1 if $^O ne 'linux';
	my $room = Room->start('-v');
	fcntl $room->fh, 1031, 4096 or die "F_SETPIPE_SZ: $!\n";
	unread($room, 'in a pipe');
}

# As journald has it.
{
	local $Room::LOG_SOCKET = 1;
	my $room = Room->start('-v');
	setsockopt $room->fh, SOL_SOCKET, SO_RCVBUF, 4096;
	unread($room, 'in a socket');
}
done_testing;
