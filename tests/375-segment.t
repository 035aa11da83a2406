#!/usr/bin/env perl
#
# Goal: a room with port 0 begins empty, and takes no number that another room,
# living or dead, has; and a segment that somebody removes is noticed soon.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(
	qr/somebody has removed the segment: the history ends with this server/);

# ---- removed ----

my $room = Room->start;
my @segments = $room->shared_objects;
plan skip_all => 'segments are no files here' if !@segments;
my $alice = $room->enter('alice');
unlink @segments;
my $bob = $room->enter('bob');
$room->logs(qr/somebody has removed the segment/, 'it is noticed');
$bob->say('we talk on');
$alice->sees('<bob> we talk on', 'the room goes on');
$room->enter("c$_") for 1 .. 3;
my $n = () = $room->log =~ /somebody has removed/g;
is($n, 1, 'it is told once');
$room->stop;

# ---- port 0 ----

# In a network of its own, in which the system has two ports to choose from.
SKIP: {
	skip 'no other network here', 1
	    if system('unshare -n ip link set lo up 2>/dev/null') != 0;
	local $Room::PROGRAM = 'unshare';
	my @argv = ('-n', 'sh', '-c', 'ip link set lo up && echo 40000 40001 ' .
	    '>/proc/sys/net/ipv4/ip_local_port_range && exec ' .
	    ($ENV{CHATSERV} // 'chatserv/chatserv') . ' 127.0.0.1 0');
	my $first = Room->start(@argv, '--');
	my $second = Room->start(@argv, '--');
	is(join(' ', sort map { $_->port } $first, $second), "40000 40001",
	    'a running room keeps its number');
	$first->signal('KILL');
	$first->exit_status;
	my ($status, $output) = Room->run(@argv);
	is($status, 1, 'and so does a dead one');
	like($output, qr/^chatserv: cannot listen on 127\.0\.0\.1 port 0: /m,
	    'where no other number is left');
	is(scalar($first->shared_objects), 1, 'its history stays');
	unlink $first->shared_objects;
	my $third = Room->start(@argv, '--');
	is($third->port, $first->port, 'without its segment it is free');
	unlike($third->log, qr/history of an earlier server/,
	    'and the room begins empty');
	$_->stop for $second, $third;
}
done_testing;
