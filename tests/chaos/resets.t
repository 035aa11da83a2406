#!/usr/bin/env perl
#
# Fifty thousand resets in a row: see tests/730-resets.t.

use strict;
use warnings;

$ENV{SWARM_RESETS} //= 50_000;
do './tests/730-resets.t' or die $@ || $!;
