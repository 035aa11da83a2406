# Goal: a process that dies with the lock, or after it consumed a wake-up,
# costs nobody a wake-up: the parent frees the lock, and the waker posts the
# semaphore.  The sessions' clock, by which a sleeper wakes once a second, is
# stopped, so a session that needed it would sleep for ever.

use strict;
use warnings;
use lib 'tests/lib';
use Faults;
use IO::Socket qw(sockaddr_in);
use Room;
use Test::More;
use Wait;

my $missing = Faults::missing($Room::PROGRAM);
$missing = 'the semaphore lies elsewhere' if $^O =~ /openbsd|darwin/;
plan skip_all => $missing if $missing;

my $faults = Faults->new(1);
$faults->stop_timers;
my $room = do {
	local %ENV = (%ENV, $faults->environment);
	Room->start;
};

sub hold {
	my (@step) = @_;
	system('tests/chaos/hold', '/chatserv.' . $room->port, @step) == 0
	    or die "cannot make a step in the lock: @step\n";
}

sub is_in {
	my ($state, $pid) = @_;
	my ($one) = grep { $_->{pid} == $pid } $room->children;
	return $one && $one->{state} =~ /^$state/;
}

sub stop {
	my ($pid) = @_;
	kill 'STOP', $pid;
	Wait::until_true(sub { is_in('T', $pid) }, 0.01)
	    or die "$pid does not stop\n";
}

my ($alice, $bob, $carol, $mallory) =
    map { $room->enter($_) } qw(alice bob carol mallory);
my %pid;
for my $name (qw(alice bob carol mallory)) {
	$pid{$name} = $room->session_of($name);
}
$alice->expect('-- mallory joined');

# Killed with the lock, while another waits for it.
stop($pid{mallory});
hold($pid{mallory});
$alice->say('first');
hold('waiting', 1);
kill 'KILL', $pid{mallory};
$bob->sees('<alice> first',
    'when the holder is killed, a waiter is woken');
$room->logs(qr/pid $pid{mallory}: died of signal 9; recovered\n/,
    'as the log says');

# Killed between sem_wait(3) and the next step.
$mallory = $room->enter('malice');
$pid{malice} = $room->session_of('malice');
stop($pid{malice});
hold($pid{malice});
$alice->say('never said');
hold('waiting', 1);
stop($pid{alice});
$carol->say('second');
hold('waiting', 2);
stop($pid{carol});
hold('release');
hold('post');
kill 'KILL', $pid{alice};
kill 'CONT', $pid{carol};
$bob->sees('<carol> second',
    'when one is killed with a post consumed, the next is woken');
$room->logs(qr/pid $pid{alice}: died of signal 9; recovered\n/,
    'as the log says');

# And everyone after that.
for my $word (qw(third fourth)) {
	hold($pid{malice});
	$carol->say($word);
	# The dead one is counted for ever.
	hold('waiting', 2);
	hold('release');
	$bob->sees("<carol> $word", 'and so is each later waiter');
}
kill 'CONT', $pid{malice};
$mallory->sees('<carol> fourth', 'none is left asleep');

# One without a name, whose leave is not announced.
my $nameless = $room->connect;
my ($port) = sockaddr_in(getsockname $nameless->fh);
my $pid = $room->session_of("127.0.0.1 port $port");
stop($pid);
hold($pid);
$carol->say('fifth');
hold('waiting', 2);
kill 'KILL', $pid;
$bob->sees('<carol> fifth', 'even if the dead one has no name');
$room->stop;
Room::allows(qr/.* died of signal 9; recovered/);
done_testing();
