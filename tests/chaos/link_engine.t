#!/usr/bin/env perl
#
# Goal: rooms go on while the engine, or a node of it, is stopped or killed,
# and what was said meanwhile comes to the other room, once and in order; and
# a file that neither a ring nor a link can hold comes whole.
#
# The limits are such that only a hang exceeds them: make bench BENCH=link
# tells how long each of these takes.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Hosts;
use Pace;
use Test::More;

my $missing = Hosts::missing();
plan skip_all => $missing if $missing;
Room::allows(qr/.*/);
$Wait::LIMIT = 120;
my $MEMORY = 64 << 10;	# KiB, of a process of a link
my $LONG = 5000;	# ms in which a room shows a line of its own, even here

sub lasts {
	my ($hosts, $pace, $name, $signal, $seconds, @nodes) = @_;

	my $what = eval { $pace->outage($hosts, $signal, $seconds, @nodes) };
	ok($what, "$name: all lines come") or return diag($@);
	is($pace->odd, 0, 'once, and in order');
	cmp_ok($what->{during}[-1], '<', $LONG, 'and the room did not wait');
	note sprintf 'local p99 %.1f ms, before %.1f ms; longest way %.1f s; ' .
	    'all is there after %.1f s', (map { Pace::part(0.99,
	    @{ $what->{$_} }) } qw(during before)), @$what{qw(gap healed)};
}

# ---- one node ----

my $hosts = Hosts->start(nodes => 1, hosts => [qw(ha hb)]);
# The room does not wait for an engine that stores nothing for a second, which
# can happen once on a busy machine.
my $rate;
for (1 .. 3) {
	$rate //= eval { Pace::file($hosts, 150_000, qw(ha hb)) };
}
ok($rate, 'a file longer than ring and queue comes whole') or diag($@);
note sprintf '%.0f lines a second', $rate // 0;
# What a link has missed does not come into its memory all at once.
delete($hosts->{link}{hb})->kill('KILL');
ok(eval { Pace::file($hosts, 1_000_000, qw(ha ha)) }, 'a long file') or
    diag($@);
my $ear = Chatc->start(out => '/dev/null', '--', '-u', $hosts->path('hb'),
    qw(-dq -n late -m), '^the end', '-w', $Wait::LIMIT);
$hosts->room('hb')->expect_log(qr/joined as late\n/);
$hosts->start_link('hb');
is($ear->status, 0, 'comes to a link that was away');
my ($in) = map { $_->{pid} } grep { $_->{title} =~ /chatlink: in of hb/ &&
    $_->{parent} == $hosts->link('hb')->pid } Room::processes();
open my $status, '<', "/proc/$in/status" or die "/proc/$in: $!\n";
my ($kilobytes) = map { /^VmHWM:\s+(\d+)/ ? $1 : () } <$status>;
cmp_ok($kilobytes, '<', $MEMORY, 'whose memory stays small');

my $pace = Pace->start($hosts, 100, qw(ha hb));
lasts($hosts, $pace, 'the engine is stopped', 'STOP', 10, 0);
lasts($hosts, $pace, 'the engine is killed', 'KILL', 3, 0);
$pace->stop;
$hosts->stop;

# ---- three nodes ----

$hosts = Hosts->start(nodes => 3, hosts => [qw(ha hb)]);
$pace = Pace->start($hosts, 100, qw(ha hb));
for my $signal (qw(STOP KILL)) {
	lasts($hosts, $pace, "the node that leads gets SIG$signal", $signal, 3,
	    $hosts->leader);
	lasts($hosts, $pace, "all nodes get SIG$signal", $signal, 3, 0 .. 2);
}
$pace->stop;
$hosts->stop;
done_testing();
