#!/usr/bin/env perl
#
# Goal: Sleepers, their wakers and readers are killed after any instruction,
# or the ring laps them there: here at one in sixty; "make chaos" does so at
# each.

use strict;
use warnings;

my $program = 'tests/chaos/instructions_read';
if ($ENV{SAN}) {
	print "1..0 # SKIP a sanitizer's instructions are not those in use\n";
	exit 0;
}
exec $program, '-k', 60 or die "$program: $!\n";
