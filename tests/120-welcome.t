# Goal: a client that joins is welcomed by name and told who is in the room,
# in a few words if there are many, and !who lists them at any time.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $room = Room->start;
my $alice = $room->enter('alice');
is($alice->{entry}[0], '-- welcome alice, 1 here: alice',
    'the first one is welcomed and alone');
is($alice->{entry}[1], '-- alice joined', 'and sees its own join');
my $bob = $room->enter('bob');
like($bob->{entry}[0], qr/^-- welcome bob, 2 here: (?:alice bob|bob alice)$/,
    'the second one is told of both');
$alice->next_is('-- bob joined', 'the first one sees the second join');

$alice->say('!who')->next_is(qr/^-- 2 here: (?:alice bob|bob alice)$/,
    '!who says who is here');
is(join("\n", $bob->until_now), '', 'nobody else sees the question');

my $tsv = $room->enter('tess', tsv => 1);
like($tsv->{entry}[0], qr/^-\thello\ttess\t[0-9a-f]{16,}$/,
    'in TSV the welcome brings a token');
is($tsv->{entry}[1], "-\twho\t\t3", 'then the number of clients');
like($tsv->{entry}[2], qr/^\d{16}\tjoin\ttess\t\S+$/, 'then its own join');
my @who = $tsv->say('!who')->expect("-\twho\t\t3");
is(join("\n", sort @who[0 .. 2]),
    join("\n", map {"-\twho\t$_\t127.0.0.1"} qw(alice bob tess)),
    'in TSV !who gives each with the address, then the count');
is(@who, 4, 'and nothing else');

my %here = map { $_ => 1 } qw(alice bob tess);
my @crowd;
for my $i (4 .. 30) {
	push @crowd, $room->enter("c$i");
	$here{"c$i"} = 1;
}
my $last = $crowd[-1]{entry}[0];
like($last, qr/^-- welcome c30, 30 here: (?:\S+ ){20}and 10 more$/,
    'of thirty, the welcome names twenty and counts ten more');

my ($first, @also) = $crowd[-1]->say('!who')->say('!me ends')
    ->expect('* c30 ends');
pop @also;
like($first, qr/^-- 30 here: /, '!who counts all thirty');
is((grep { !/^-- also here: / } @also), 0, 'on several lines');
my @names = map { /here: (.*)/ ? split / /, $1 : () } $first, @also;
is("@{[sort @names]}", "@{[sort keys %here]}",
    'and names each of them once');

$_->say('!quit')->rest for @crowd;
$alice->expect('-- c30 left (quit)');
$alice->say('!who')->sees(qr/^-- 3 here: /,
    'a client that has left is not listed');
$room->stop;
done_testing;
