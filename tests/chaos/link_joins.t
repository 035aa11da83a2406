#!/usr/bin/env perl
#
# Goal: however many come to a room and leave, other rooms are told how many
# are there at most once in 5 s.
#
# $LINK_JOINS (10000) is how many come.

use strict;
use warnings;
use lib 'tests/lib';
use Hosts;
use Test::More;

my $missing = Hosts::missing();
plan skip_all => $missing if $missing;
Room::allows(qr/.*: joined as link.*/);

my $joins = $ENV{LINK_JOINS} // 10_000;
my $AT_ONCE = 50;
my $LEAST = 5_000_000;	# between two lines, in microseconds
my $hosts = Hosts->start(nodes => 1, hosts => [qw(ha hb)]);
my $bob = $hosts->enter('hb', 'bob');
my $room = $hosts->room('ha');

# They come one by one and leave together, so that the number changes always.
my @here;
for my $n (1 .. $joins) {
	push @here, $room->enter("n$n", tsv => 1, last => 1);
	next if $n % $AT_ONCE && $n < $joins;
	$_->close for splice @here;
}
my $ann = $room->enter('ann', tsv => 1);
$ann->say('the last');
my @lines = $bob->expect(qr{\tmsg\tann/ha\tthe last$});
my @told = map { /^(\d+)\tmsg\tlink\tha is here \(\d+\)$/ ? $1 : () } @lines;
note scalar @told, " lines, $joins joins";
my @soon = grep { $told[$_] - $told[$_ - 1] < $LEAST } 1 .. $#told;
is(@soon, 0, 'no two lines within 5 s say how many are there');
is(scalar(grep { /\t(?:join|leave)\tn\d/ } @lines), 0,
    'and none that somebody comes or leaves');
$_->close for $ann, $bob;
$hosts->stop;
done_testing();
