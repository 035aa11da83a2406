#!/usr/bin/env perl
#
# Measure what a room of ten thousand clients costs: to fill, keep and talk in.
#
# $CROWD_CLIENTS (10,000) clients connect in three steps.  With $CROWD_AIMS
# set, the known goals are tests, which needs an idle machine.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use List::Util qw(sum0);
use Room;
use Test::More;
use Wait;

my $clients = $ENV{CROWD_CLIENTS} // 10_000;
my $aims = $ENV{CROWD_AIMS};
$Wait::LIMIT = 300;

sub slurp {
	my ($path) = @_;
	open my $fh, '<', $path or return '';
	return join '', <$fh>;
}

# A figure in KiB from one of the files of Linux's /proc; 0 elsewhere.
sub kib {
	my ($path, $name) = @_;
	return slurp($path) =~ /^$name:\s+(\d+) kB/m ? $1 : 0;
}

# The kernel's memory for all processes, in KiB: stacks, page tables, and all
# small objects, among them the sockets of both sides.
sub kernel {
	return sum0 map { kib('/proc/meminfo', $_) }
	    qw(KernelStack PageTables Slab);
}

# How long a process has run, in nanoseconds.
sub ran {
	my ($pid) = @_;
	return slurp("/proc/$pid/schedstat") =~ /^(\d+)/ ? $1 : 0;
}

sub aim {
	my ($reached, $name) = @_;
	ok($reached, $name) if $aims;
}

my $room = Room->start('-t', 600, '-m', $clients);
my $kernel = kernel();
my $crowd = Chatc->start(program => ['tests/chaos/crowd'], '--',
    $room->{host}, $room->port);

# Sends a command; returns the figures of the answer.
sub order {
	my ($order, $answer) = @_;

	$crowd->{out}{bytes} = '';
	$crowd->type("$order\n")->expect($answer);
	note $crowd->out;
	return $crowd->out =~ /(\d+(?:\.\d+)?)/g;
}

my (@cost, $rate, @told);
for my $n ($clients / 100, $clients / 10, $clients) {
	$rate = (order("connect $n", qr/a second\n/))[-1];
	order('name', qr/named .*\n/);
	my $pid = $room->session_of('c0');
	my $before = ran($pid);
	@told = order('tell 20', qr/last .*\n/);
	push @cost, (ran($pid) - $before) / 20_000;
	note sprintf 'the sender ran %.0f us for each message', $cost[-1];
}
my @sessions = grep { $_->{title} !~ /waker/ } $room->children;
is(scalar @sessions, $clients, "$clients clients are in the room");
is($told[0], $clients, 'and a message reaches them all');

# An idle session returns its buffers, after a second.
my $pss = 9e9;
Wait::until_true(sub {
	my $before = $pss;
	$pss = sum0
	    map { kib("/proc/$_->{pid}/smaps_rollup", 'Pss') } @sessions;
	return $pss >= $before;
}, 2);
my $all = $pss + kernel() - $kernel;
note sprintf '%.1f KiB of memory for each, %.1f with what the kernel keeps',
    $pss / $clients, $all / $clients;
aim($all / $clients <= 107, 'a client costs 107 KiB or less in all');
aim($rate >= 8000, '8,000 connect in a second');
aim($told[-1] <= 250, 'the last one has a message within 250 ms');
aim($cost[2] <= 2 * $cost[1],
    'a message costs its sender the same however many are idle');

is($crowd->end->status, 0, 'the crowd leaves');
$room->eventually(sub { $room->children == 1 }, 'and is gone');
$room->stop;
done_testing();
