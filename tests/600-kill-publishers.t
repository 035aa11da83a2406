#!/usr/bin/env perl
#
# Goal: publishers and processes that change the roster are killed after any
# instruction: here after one in a hundred, and one in five of a single
# publisher; "make chaos" kills after each of all.

use strict;
use warnings;

my $program = 'tests/chaos/instructions_write';
if ($ENV{SAN}) {
	print "1..0 # SKIP a sanitizer's instructions are not those in use\n";
	exit 0;
}
exec $program, '-k', 100 or die "$program: $!\n";
