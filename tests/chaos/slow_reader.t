#!/usr/bin/env perl
#
# A reader of some tens of KiB a second loses nothing, although others could
# send far more: flow control slows them down to its speed.
#
# How slow a reader can be depends on the network.  On the loopback interface a
# receiver reports space in steps of its whole buffer, so this runs on a network
# of its own with the packets of Ethernet.  $SLOW_PACE is in bytes a second
# (40,000), $SLOW_SECONDS (20) the duration.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use IO::Socket::INET;
use Room;
use Test::More;
use Time::HiRes qw(sleep time);
use Wait;

Room::allows(qr/\S+ lapped, lost \d+ events/);

my $pace = $ENV{SLOW_PACE} // 40_000;
my $seconds = $ENV{SLOW_SECONDS} // 20;
my @place = qw(10.99.0.1 10.99.0.2);	# the server's, and the reader's

# The reader, a process of its own at the other end of the network: prints how
# many bytes it received, and how many events it lost.
sub read_slowly {
	my ($host, $port) = @_;
	my ($got, $lost, $rest) = (0, 0, '');

	my $server = IO::Socket::INET->new(PeerAddr => $host,
	    PeerPort => $port) or die "connect: $!\n";
	syswrite $server, "!tsv\nslow\n";
	my $begin = time;
	while (time < $begin + $seconds) {
		my $due = int((time - $begin) * $pace) - $got;
		if ($due > 0) {
			my $n = sysread $server, $rest, $due, length $rest;
			last if !$n;
			$got += $n;
			$lost += $1 while $rest =~ /^-\tlost\t\t(\d+)$/mg;
			$rest =~ s/.*\n//s;
		}
		sleep 0.02;
	}
	print "$got $lost\n";
	exit;
}

# Makes the two ends of a network, in two namespaces: this process's and that of
# a child, whose pid it returns.
sub lay_net {
	my $pid = open(my $keep, '-|', qw(unshare -n sh -c),
	    'echo; exec sleep 600') // die "fork: $!\n";
	<$keep>;
	for (['ip link add near type veth peer name far netns', $pid],
	    'ip link set lo up',
	    'ip link set near mtu 1500 gso_max_segs 1 up',
	    "ip addr add $place[0]/24 dev near",
	    ["nsenter -n -t $pid ip link set far gso_max_segs 1 up"],
	    ["nsenter -n -t $pid ip addr add $place[1]/24 dev far"]) {
		my $command = ref $_ ? "@$_" : $_;
		system("$command 2>&1") == 0 or return;
	}
	return ($pid, $keep);
}

read_slowly(@ARGV[1, 2]) if @ARGV && $ARGV[0] eq 'read';
if (!$ENV{SLOW_NET}) {
	plan skip_all => 'this process cannot have a network of its own'
	    if system('unshare -n true 2>/dev/null') != 0;
	$ENV{SLOW_NET} = 1;
	exec 'unshare', '-n', $^X, $0 or die "unshare: $!\n";
}
my ($far, $keep) = lay_net();
plan skip_all => 'ip(8) cannot make a network here' if !$far;

my $room = Room->start('-r', '64k', '--', $place[0], 0);
my $begin = time;
open my $reader, '-|', 'nsenter', '-n', '-t', $far, $^X, $0, 'read',
    $place[0], $room->port or die "nsenter: $!\n";
$room->session_of('slow');
my $mouth = $room->enter('mouth');
my $ear = $room->enter('ear');
my $text = 'x' x 200;
my $heard = 0;

# At most the bytes that fit the test's own memory are in flight.
Wait::until_true(sub {
	while (length $mouth->{out} < 1 << 16) {
		$mouth->say($text);
	}
	$heard += length $ear->{in};
	$mouth->{in} = $ear->{in} = '';
	return time > $begin + $seconds;
});
my ($got, $lost) = split ' ', <$reader>;
cmp_ok($got, '>', 0.9 * $pace * ($seconds - 2),
    "a reader reads $pace bytes a second");
is($lost, 0, 'and loses nothing');
cmp_ok($heard, '<', $got + (1 << 20),
    'since nobody hears more than it can be sent');
note "$got bytes to it, $heard to another";
kill 'TERM', $far;
$room->stop;
done_testing;
