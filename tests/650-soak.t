#!/usr/bin/env perl
#
# Goal: ten seconds of tests/chaos/soak.t, which says what it is about.

use strict;
use warnings;

$ENV{SOAK_SECONDS} //= 10;
do './tests/chaos/soak.t' or die $@ || $!;
