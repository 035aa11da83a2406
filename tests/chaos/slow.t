#!/usr/bin/env perl
#
# How fast a room of twenty is while one of them is stopped: see
# tests/680-slow-among.t.

use strict;
use warnings;

$ENV{SLOW_LINES} //= 50_000;
$ENV{SLOW_RATIO} //= 90;
do './tests/680-slow-among.t' or die $@ || $!;
