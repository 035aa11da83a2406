#!/usr/bin/env perl
#
# A million lines through one chatc to ten: see tests/670-pipe-to-ten.t.

use strict;
use warnings;

$ENV{PIPE_LINES} //= 1_000_000;
do './tests/670-pipe-to-ten.t' or die $@ || $!;
