#!/usr/bin/env perl
#
# Goal: kill sleepers, those who wake them, and readers, after any
# instruction, or let the ring lap them there: here at one in twenty; "make
# chaos" does so at each of all.

use strict;
use warnings;

my $program = 'tests/chaos/instructions_read';
if ($ENV{SAN}) {
	print "1..0 # SKIP a sanitizer's instructions are not those in use\n";
	exit 0;
}
exec $program, '-k', 20 or die "$program: $!\n";
