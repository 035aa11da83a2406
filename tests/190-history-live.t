# Goal: history and live events are one stream.  A client that joins while
# others talk without a pause gets every message once and in order, with none
# missing at the boundary.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $ROUND = 1000;

my $room = Room->start('-r', '2M');
my $alice = $room->enter('alice', tsv => 1);
my $bob = $room->enter('bob');
$bob->say("before $_") for 1 .. 50;
my @before = $alice->expect(qr/\tmsg\tbob\tbefore 50$/);

# While each of them enters, the server works on a thousand lines.
my (@since, @last);
for my $i (0 .. 7) {
	$bob->send(join '', map {'line ' . ($i * $ROUND + $_) . "\n"}
	    1 .. $ROUND);
	push @since, $room->enter("since$i", tsv => 1, since => 0);
	push @last, $room->enter("last$i", tsv => 1, last => 50);
}
$bob->say('!me ends');
my $end = qr/\tme\tbob\tends$/;
my @events = (@{ $alice->{entry} }, @before, $alice->expect($end));
@events = grep { /^\d/ } @events;
is((grep { /\tmsg\tbob\tline / } @events), 8 * $ROUND,
    'a client that was there before has every message');

for my $reader (@since) {
	my @got = grep { /^\d/ } @{ $reader->{entry} }, $reader->expect($end);
	is(join("\n", @got), join("\n", @events),
	    "$reader->{name} has every event once, in order");
}

my @messages = grep { /\tmsg\t/ } @events;
for my $reader (@last) {
	my $before = grep { /\tmsg\t/ } @{ $reader->{entry} };
	my @got = grep { /\tmsg\t/ } @{ $reader->{entry} },
	    $reader->expect($end);
	cmp_ok($before, '>=', 50,
	    "$reader->{name} has the last fifty before the own join");
	is(join("\n", @got), join("\n", @messages[@messages - @got .. $#messages]),
	    'and from there on every message once, in order');
}
$room->stop;
done_testing;
