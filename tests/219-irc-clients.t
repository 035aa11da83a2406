#!/usr/bin/env perl
#
# Goal: ii and irssi, which others wrote, talk with nc and chatc.  All clients
# that are known here do so in tests/chaos/irc.t.

use strict;
use warnings;
use lib 'tests/lib';
use Foreign;
use Test::More;

my @kinds = grep {/^(?:ii|irssi)$/} Foreign->available;
plan skip_all => 'neither ii nor irssi is here: contrib/setup -t' if !@kinds;
Foreign::converse(@kinds)->stop;
done_testing();
