#!/usr/bin/env perl
#
# Kill whoever publishes or changes the roster, after each instruction.

use strict;
use warnings;

my $program = 'tests/chaos/instructions_write';
exec $program or die "$program: $!\n";
