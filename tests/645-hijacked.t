#!/usr/bin/env perl
#
# Goal: two rounds of tests/chaos/hijacked.t pass, which describes its goal.

use strict;
use warnings;

$ENV{HIJACK_ROUNDS} //= 2;
do './tests/chaos/hijacked.t' or die $@ || $!;
