#!/usr/bin/env perl
#
# Goal: a line that does not end costs its sender one error and the server no
# memory; afterwards its sender is heard like everybody else.
#
# $SWARM_BYTES (16 MB) of it; tests/chaos/endless.t has a gigabyte.

use strict;
use warnings;
use lib 'tests/lib';
use Usage;
use Room;
use Swarm;
use Test::More;
use Wait;

my $bytes = $ENV{SWARM_BYTES} // 16_000_000;
$Wait::LIMIT = 300;

my $room = Room->start;
my $usage = Usage->start($room);
my ($alice, $bob) = map { $room->enter($_) } qw(alice bob);
my $swarm = Swarm->start($room, 'endless', $bytes);
my $said = $swarm->meanwhile($alice, $bob);
like($swarm->out, qr/^1 errors /, "for a line of $bytes bytes there is one "
    . 'error, and the next line is published');
note $swarm->out, "$said lines of another meanwhile";
$bob->until_now;

# The most that a session has ever had, in KiB.
sub peak {
	open my $status, '<', '/proc/' . $room->session_of($_[0]) . '/status'
	    or return 0;
	return map { /^VmPeak:\s+(\d+)/ } <$status>;
}

is(peak('endless'), peak('alice'), 'it costs no more memory than others');
is($swarm->end->status, 0, 'and leaves in order');
$_->say('!quit')->rest for $alice, $bob;
$usage->unchanged;
$room->stop;
done_testing();
