#!/usr/bin/env perl
#
# Five thousand at once: see tests/720-at-once.t.

use strict;
use warnings;

$ENV{SWARM_CLIENTS} //= 5000;
do './tests/720-at-once.t' or die $@ || $!;
