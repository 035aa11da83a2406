#!/usr/bin/env perl
#
# Goal: kill whoever publishes or changes the roster, after any instruction:
# here one in twenty, but every one of a single publisher; "make chaos" kills
# at each of all.

use strict;
use warnings;

my $program = 'tests/chaos/instructions_write';
if ($ENV{SAN}) {
	print "1..0 # SKIP a sanitizer's instructions are not those in use\n";
	exit 0;
}
exec $program, '-k', 20 or die "$program: $!\n";
