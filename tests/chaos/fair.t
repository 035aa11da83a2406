#!/usr/bin/env perl
#
# While one client sends as fast as it can, ten others that talk wait for their
# own messages at most three times as long as without it.
#
# Both are measured in turn, and the medians of $FAIR_ROUNDS (5) rounds
# compared, so that other load affects both.

use strict;
use warnings;
use lib 'tests/lib';
use Usage;
use Chatc;
use Room;
use Test::More;
use Time::HiRes qw(time);
use Wait;

my $rounds = $ENV{FAIR_ROUNDS} // 5;
my $most = $ENV{FAIR_RATIO} // 3;
$Wait::LIMIT = 120;

my $room = Room->start;
my $usage = Usage->start($room);

# The median time that ten talkers wait, in us.
sub talk {
	my $talk = Chatc->start(program => ['tests/chaos/talk'], '--',
	    $room->{host}, $room->port, 10, 50, 500);
	is($talk->status, 0, 'ten talk');
	note $talk->out;
	return $talk->out =~ /^median (\d+)/;
}

# The value of a block that runs while one client sends as fast as it can.
my ($said, $seconds) = (0, 0);
sub flooded {
	my ($code) = @_;
	my $begin = time;
	my $yes = Chatc->start(program => ['sh', '-c',
	    'yes "$0" | exec ' . $Chatc::PROGRAM . ' "$@" >/dev/null'],
	    '--', 'f' x 64, '-q', '-n', 'flood', $room->{host}, $room->port);
	my $pid = $room->session_of('flood');
	my $value = $code->();
	$room->signal('USR2');
	$room->expect_log(qr/ pid $pid: in \d+ .*\n/) =~ / pid $pid: in (\d+)/;
	$said += $1;
	$seconds += time - $begin;
	kill 'TERM', -$yes->pid;
	$yes->status;
	$room->eventually(sub { $room->children == 1 }, 'and the flood ends');
	return $value;
}

sub median {
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[@sorted / 2];
}

my (%took, @ratio);
for (1 .. $rounds) {
	my ($calm) = talk();
	my ($flood) = flooded(sub { (talk())[0] });
	push @{ $took{calm} }, $calm;
	push @{ $took{flood} }, $flood;
	push @ratio, $flood / $calm;
}
my $ratio = median(@ratio);
cmp_ok($ratio, '<=', $most,
    "a flood lets ten others wait $most times as long at most");
cmp_ok($said / $seconds, '>', 5000, 'and says thousands of lines a second');
note sprintf '%.0f lines a second; median %.0f us without a flood, %.0f us with it; ratio %.1f ' .
    '(%s)', $said / $seconds, median(@{ $took{calm} }), median(@{ $took{flood} }), $ratio,
    join ' ', map { sprintf '%.1f', $_ } sort { $a <=> $b } @ratio;
$usage->unchanged;
$room->stop;
done_testing();
