#!/usr/bin/env perl
#
# Goal: three hundred clients join at once, a message reaches all of them, and
# all leave.  tests/chaos/crowd.t measures what ten thousand cost.

use strict;
use warnings;

$ENV{CROWD_CLIENTS} //= 300;
do './tests/chaos/crowd.t' or die $@ || $!;
