#!/usr/bin/env perl
#
# All scenarios that look only at what clients see pass at a server that they
# have not started, one after another.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Strict;
use Test::More;

my $room = Room->start;
Strict::pass_at($room, Strict::scenarios());
$room->stop;
done_testing();
