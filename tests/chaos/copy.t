#!/usr/bin/env perl
#
# A thousand kills of a parent that copies: see tests/690-copy-killed.t.

use strict;
use warnings;

$ENV{COPY_KILLS} //= 1000;
do './tests/690-copy-killed.t' or die $@ || $!;
