#!/usr/bin/env perl
#
# A line of a gigabyte: see tests/740-endless.t.

use strict;
use warnings;

$ENV{SWARM_BYTES} //= 1_000_000_000;
do './tests/740-endless.t' or die $@ || $!;
