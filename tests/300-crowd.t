# Goal: 200 clients say 50 lines each at once, and each of them receives all
# 10,000 lines, in the same order.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my ($CLIENTS, $LINES) = (200, 50);

my $room = Room->start;
my @crowd = map { $room->connect } 1 .. $CLIENTS;
$crowd[$_]->say("c$_") for 0 .. $#crowd;
$_->expect(qr/^-- welcome c/) for @crowd;
# All are in the room before any speaks: each one has seen the last join.
my $last = $room->enter('starter');
$_->expect('-- starter joined') for @crowd;

for my $c (0 .. $#crowd) {
	$crowd[$c]->send(join '', map {"line $_\n"} 1 .. $LINES);
}
my $size = 0;
for my $c (0 .. $#crowd) {
	$size += length "<c$c> line $_\n" for 1 .. $LINES;
}
for my $client (@crowd) {
	Wait::until_true(
	    sub { $client->{over} || length $client->{in} >= $size });
}
my $first = $crowd[0]{in};
is(($first =~ tr/\n//), $CLIENTS * $LINES,
    'the first client has 10,000 lines');
is((grep { $_->{in} ne $first } @crowd), 0,
    'every other has the same ones in the same order');

my (%next, $wrong);
for (split /\n/, $first) {
	my ($who, $number) = /^<(c\d+)> line (\d+)$/ or $wrong++, next;
	$wrong++ if $number != ++$next{$who};
}
is($wrong // 0, 0, "each sender's lines are in the order they were said");
is(keys %next, $CLIENTS, 'of all 200 senders');

$_->{in} = '' for @crowd;
$_->say('!quit') for @crowd;
$_->rest for @crowd;
$last->say('!me alone')->expect('* starter alone');
$room->eventually(sub { !$room->zombies && $room->children <= 3 },
    'when they have left, their processes have too');
$room->stop;
done_testing;
