#!/usr/bin/env perl
#
# Search for $ADVERSARY_SECONDS (60): see tests/247-adversary.t.

use strict;
use warnings;

$ENV{ADVERSARY_SECONDS} //= 60;
do './tests/247-adversary.t' or die $@ || $!;
