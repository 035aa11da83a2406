#!/usr/bin/env perl
#
# Goal: whatever a session that was taken over writes to the shared segment,
# the parent survives, does not spin, signals only its children, admits clients,
# and stops in order.
#
# No session is hijacked here: the test itself writes to the segment.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(qr/died of signal \d+; recovered/);
Room::allows(
	qr/killed for a forbidden system call; recovered/,
	qr/pid -?\d+: held the lock and is no session; recovered/,
	qr/the waker died; recovered/,
	# glibc's last words over a semaphore that is none any more
	qr/The futex facility returned an unexpected error code\./,
);

my $ROUNDS = $ENV{HOSTILE_ROUNDS} // 25;
my $seed = $ENV{HOSTILE_SEED} // 1 + time % 1_000_000;
srand $seed;
note "seed $seed";

plan skip_all => 'this needs the /proc and /dev/shm of Linux'
    if !-e "/proc/$$/stat" || !-d '/dev/shm';
my $room = Room->start('-v', '-r', '64k', '-m', 40);
my ($path) = $room->shared_objects;
open my $segment, '+<', $path or die "$path: $!\n";
my $size = -s $segment;

sub spoil {
	my ($at, $bytes) = @_;
	sysseek $segment, $at, 0;
	syswrite $segment, $bytes or die "$path: $!\n";
}

sub some { return join '', map { chr int rand 256 } 1 .. $_[0] }

my @ways = (
	['everything', sub { spoil(0, some($size)) }],
	['all bits set', sub { spoil(0, "\xff" x $size) }],
	['all zero', sub { spoil(0, "\0" x $size) }],
	['the words that all share', sub { spoil(0, some(512)) }],
	['one word of these', sub { spoil(8 * int rand 64, some(8)) }],
	['bits and slots', sub { spoil(512, some(16 << 10)) }],
	['what is one, all over', sub { spoil(0, pack 'Q*', (1) x ($size / 8)) }],
	['a byte here and there', sub {
		spoil(int rand $size, some(1)) for 1 .. 2000 }],
	['sizes of records', sub {
		spoil($size - 65536 + 8 * int rand 8192, pack 'L', rand 200)
		    for 1 .. 2000 }],
	['pids that are no child\'s', sub {
		spoil(0, pack 'L*', ($$) x ($size / 4)) }],
);

# Seconds of processor time that the parent has used.
sub cpu {
	open my $stat, '<', '/proc/' . $room->pid . '/stat' or return 0;
	my @field = split ' ', <$stat> =~ s/.*\) //r;
	return ($field[11] + $field[12]) /
	    POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

# How many clients have joined, or were told that the room is full.
sub dealt_with {
	return scalar(() = $room->log =~
	    /: (?:connected|refused: the room is full)/g);
}

my $signalled = 0;
$SIG{URG} = sub { $signalled++ };
my $before = cpu();
my $ignored = '';
my $came = 0;
for my $round (1 .. $ROUNDS) {
	my ($what, $do) = @{ $ways[$round % @ways] };

	$do->();
	my @clients = map { $room->connect->send("c$round\nhello\n") } 1 .. 2;
	$came += @clients;
	if (!Wait::until_true(sub { dealt_with() >= $came }, 0.02)) {
		$ignored = $what;
		last;
	}
	spoil(0, some(512)) if $round % 4 == 0;
	# A third of the clients may fail with such a segment.
	kill 'KILL', map { $_->{pid} } grep { $_->{title} !~ /waker/ }
	    $room->children if $round % 3;
	$room->signal('USR2') if $round % 5 == 0;
	$_->close for @clients;
}
is($ignored, '', 'whatever is written to the segment, clients are admitted');
cmp_ok(cpu() - $before, '<', 3, 'the parent does not spin');
ok(!$room->complaints, 'and no sanitizer complains') or diag($room->log)
    if $ENV{SAN};
is($signalled, 0, 'it signals no process that is not its child');
note 'parent: ', cpu() - $before, ' s of processor time';
$room->signal('TERM');
is(eval { $room->exit_status }, 0, 'at TERM the end is in order') or diag($@);
is(scalar(my @left = $room->shared_objects), 0, 'and the segment is removed');

# Somebody writes that a process which is not the parent's child holds the lock:
# the parent must not kill it, as it kills a session that was stopped there.
my $quiet = Room->start;
my $alice = $quiet->enter('alice');
my $bystander = open my $pipe, '|-', 'cat' or die "cat: $!\n";
system('tests/chaos/hold', '/chatserv.' . $quiet->port, $bystander) == 0
    or die "cannot hold the lock\n";
$alice->say('hello');
$alice->sees('<alice> hello', 'a lock that no session holds is recovered');
is(waitpid($bystander, POSIX::WNOHANG()), 0,
    'and the process whose pid was written there lives');
ok(close $pipe, 'to its own end');
$quiet->stop;
done_testing;
