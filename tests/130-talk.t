# Goal: everybody sees every message with its sender, including the sender,
# all in the same order, with IDs that tell the time and only grow.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Time::HiRes 'time';
use Test::More;

my $room = Room->start;
my $alice = $room->enter('alice');
my $bob = $room->enter('bob');
my $tess = $room->enter('tess', tsv => 1);
$alice->expect('-- tess joined');
$bob->expect('-- tess joined');

$alice->say('hello');
$alice->next_is('<alice> hello', 'the sender sees its own message');
$bob->next_is('<alice> hello', 'the other sees it with its sender');
$tess->next_is(qr/^\d{16}\tmsg\talice\thello$/, 'and a third in TSV');

$bob->say('!!important');
$alice->next_is('<bob> !important', '!! at the beginning stands for one !');
$bob->say('not! a !!command');
$alice->next_is('<bob> not! a !!command',
    'inside a text ! is an ordinary character');

$alice->send("\n\n\r\nafter empty lines\n");
$bob->expect('<bob> not! a !!command');
$bob->next_is('<alice> after empty lines', 'empty lines are ignored');
$alice->say(' ');
$bob->next_is('<alice>  ', 'a line of one space is a message');

my $before = int(time * 1e6);
$alice->say("a$_"), $bob->say("b$_"), $tess->say("t$_") for 1 .. 200;
my %seen;
for my $c ($alice, $bob) {
	my @lines = grep { /^<\w+> ([abt])\d+$/ }
	    $c->say('!me done')->expect("* $c->{name} done"), $c->until_now;
	$seen{ $c->{name} } = \@lines;
}
# Everyone's lines are published before everyone's "done"; tess reads to both.
$tess->say('!me done');
my @events = $tess->expect(qr/\tme\ttess\tdone$/);
my $after = int(time * 1e6);

for my $c ($alice, $bob) {
	push @{ $seen{ $c->{name} } },
	    grep { /^<\w+> ([abt])\d+$/ } $c->expect('* tess done');
	is(@{ $seen{ $c->{name} } }, 600, "$c->{name} has all 600 messages");
}
is("@{$seen{alice}}", "@{$seen{bob}}", 'in the same order as the other');
my @told = map { /\tmsg\t(\w+)\t([abt]\d+)$/ ? "<$1> $2" : () } @events;
is("@told", "@{$seen{alice}}", 'and so has the reader of TSV');
for my $letter (qw(a b t)) {
	my @own = map { /> $letter(\d+)/ ? $1 : () } @told;
	is("@own", "@{[1 .. 200]}", "what $letter said is in $letter\'s order");
}

my @ids = map { /^(\d+)\t/ ? $1 : () } @events;
is((grep { $ids[$_] <= $ids[$_ - 1] } 1 .. $#ids), 0,
    'IDs increase strictly');
is((grep { length != 16 } @ids), 0, 'IDs have 16 digits');
my @late = map { /^(\d+)\tmsg\t\w+\t[abt]\d+$/ ? $1 : () } @events;
# The bus steps on by one where the clock stands still: a second is generous.
cmp_ok($late[0], '>=', $before, 'an ID is not before the message was sent');
cmp_ok($late[-1], '<=', $after + 1e6, 'an ID is the time of day');

unlike($room->log, qr/important|empty lines/, 'messages are never logged');
$room->stop;
done_testing;
