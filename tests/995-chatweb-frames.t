#!/usr/bin/env perl
#
# Goal: chatweb takes what RFC 6455 lets a WebSocket peer send, and answers
# all else with a close and its code.

use strict;
use warnings;
use lib 'tests/lib';
use Frames;
use Test::More;
use Web;

my $web = Web->start(Frames::Room->start);
Frames::run($web, sub { @_ }, Frames::cases());
$web->stop;
done_testing();
