#!/usr/bin/env perl
#
# A thousand clients that send a byte a second: see tests/750-drip.t.

use strict;
use warnings;

$ENV{SWARM_DRIPS} //= 1000;
$ENV{SWARM_MS} //= 1000;
do './tests/750-drip.t' or die $@ || $!;
