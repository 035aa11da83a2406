#!/usr/bin/env perl
#
# Kill sleepers, wakers and readers, after each instruction.

use strict;
use warnings;

my $program = 'tests/chaos/instructions_read';
exec $program or die "$program: $!\n";
