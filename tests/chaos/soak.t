#!/usr/bin/env perl
#
# Whatever is killed, stopped, reset or frozen, nothing is lost, doubled, torn
# or out of order without a report, and nothing is left behind.
#
# Fifty clients (soak.c) talk for $SOAK_SECONDS (60) and do to themselves what
# clients can.  Meanwhile this kills and stops sessions, kills the waker, and
# kills the parent, which a supervisor starts again at once on its port.
# $SOAK_SEED repeats a run, as far as the machine allows.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;
use Time::HiRes qw(time);
use Wait;

Room::expects(qr/died of signal 9; recovered/);
Room::allows(
	qr/the waker died; recovered/,
	qr/\S+ left \(killed\)/,
	qr/\S+ lapped, lost \d+ events/,
);

my $seconds = $ENV{SOAK_SECONDS} // 60;
my $seed = $ENV{SOAK_SEED} // 1 + time % 1e6;
my $clients = 50;
srand $seed;
note "seed $seed, $seconds s";

my @options = qw(-r 128k -m 200);
my $room = Room->start(@options);
my $port = $room->port;
my ($files, $memory);
my (@old, @stopped, %done);

# A parent's open files, if the system tells, and its private memory in KiB.
sub belongings {
	my $pid = $room->pid;
	my @files = glob "/proc/$pid/fd/*";
	open my $status, '<', "/proc/$pid/status" or return;
	my ($own) = map { /^RssAnon:\s+(\d+)/ } <$status>;
	return (scalar @files, $own // 0);
}

sub waker { return grep { $_->{title} =~ /\bwaker\b/ } $room->children }

# All parents have the same files, but only the first one's are counted at a
# time when surely nobody is connecting.
sub settle {
	$room->eventually(sub { waker() }, 'a waker is there');
	(my $now, $memory) = belongings();
	$files //= $now;
}

# The sessions that may be harmed: not the witness's, whatever its title says
# before it has its name.
sub victims {
	return grep { $_->{title} =~ /: c\d+-/ } $room->children;
}

sub signal_one {
	my ($signal, @of) = @_;
	return if !@of;
	my $one = $of[rand @of];
	kill $signal, $one->{pid};
	return $one->{pid};
}

my %disaster = (
	kill => sub { signal_one(KILL => victims()) },
	term => sub { signal_one(TERM => victims()) },
	stop => sub {
		my $pid = signal_one(STOP => victims()) or return;
		push @stopped, [$pid, time + rand 3];
	},
	waker => sub { signal_one(KILL => waker()) },
	parent => sub {
		$room->signal('KILL');
		waitpid $room->pid, 0;
		push @old, $room;
		$room = Room->start(@options, '--', '127.0.0.1', $port);
	});
my @deck = ((qw(kill stop)) x 3, qw(term waker));

sub let_go_on {
	my ($when) = @_;

	kill 'CONT', $_->[0] for grep { $_->[1] <= $when } @stopped;
	@stopped = grep { $_->[1] > $when } @stopped;
}

settle();
pipe my $report, my $report_end or die "pipe: $!\n";
defined(my $soak = open my $orders, '|-') or die "fork: $!\n";
if ($soak == 0) {
	open STDOUT, '>&', $report_end;
	exec 'tests/chaos/soak', $seed, $clients, '127.0.0.1', $port or
	    POSIX::_exit(127);
}
close $report_end;

# The last third has a single parent, to see its state afterwards.
my $begin = time;
my $next_parent = $begin + 3;
while (time < $begin + $seconds) {
	my $what = $deck[rand @deck];
	if (time > $next_parent && time < $begin + $seconds * 2 / 3) {
		$next_parent = time + 5 + rand 5;
		$what = 'parent';
	}
	$disaster{$what}->();
	$done{$what}++;
	settle() if $what eq 'parent';
	my $pause = time + rand 0.25;
	do {
		Wait::pump(0.05);
		let_go_on(time);
	} while (time < $pause);
}
let_go_on(9e99);
close $orders;
my $status = $?;
my @report = <$report>;
chomp @report;
note $_ for @report, join ', ', map {"$_ $done{$_}"} sort keys %done;

is($status, 0, 'received and reported missed make up what was published, '
    . 'in order and whole, at every line of every reader')
    or diag join "\n", @report;
like($report[-1], qr/ [1-9]\d* lost and told so/,
    'some were slow enough to lose lines') if $seconds >= 60;
for (@old) {
	ok(Wait::until_true(sub { $_->{over} }),
	    'the children of a killed parent have gone');
	$_->forget;
}
$room->eventually(sub { my @all = $room->children; @all == 1 && waker() },
    'of the processes only the waker is left, and no zombie');
SKIP: {
	skip 'no /proc here', 2 if !defined $files;
	my ($files_left, $memory_now) = belongings();
	is($files_left, $files, 'no descriptor is left open');
	cmp_ok($memory_now, '<=', $memory + 64,
	    'the parent has as much memory as before');
	note "parent: $memory KiB before, $memory_now KiB after";
}
is(join(' ', $room->shared_objects), "/dev/shm/chatserv.$port",
    'one shared object is there') if -d '/dev/shm';
unlike($room->log, qr/Sanitizer|runtime error/, 'nothing was complained of');
$room->stop;
done_testing();
