#!/usr/bin/env perl
#
# System calls that fail, with one seed after another.

use strict;
use warnings;

$ENV{CHAOS_ROUNDS} //= 20;
exec $^X, 'tests/620-faults.t' or die "$^X: $!\n";
