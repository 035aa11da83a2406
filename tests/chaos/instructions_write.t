#!/usr/bin/env perl
#
# Kill processes that publish or change the roster, after each instruction.

use strict;
use warnings;

my $program = 'tests/chaos/instructions_write';
exec $program or die "$program: $!\n";
