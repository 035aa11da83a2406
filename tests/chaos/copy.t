#!/usr/bin/env perl
#
# Kill a parent that copies, a thousand times: see tests/690-copy-killed.t.

use strict;
use warnings;

$ENV{COPY_KILLS} //= 1000;
do './tests/690-copy-killed.t' or die $@ || $!;
