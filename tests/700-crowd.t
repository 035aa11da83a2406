#!/usr/bin/env perl
#
# Goal: three hundred at once: everyone comes in, a message reaches all, and
# all go.  What ten thousand cost is looked at in tests/chaos/crowd.t.

use strict;
use warnings;

$ENV{CROWD_CLIENTS} //= 300;
do './tests/chaos/crowd.t' or die $@ || $!;
