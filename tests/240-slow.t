# Goal: a client that never reads holds nobody up; when it reads again it is
# told exactly how much it lost: received and lost messages are all that were
# published, even if it has left meanwhile.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(qr/(?:tsv|plain) lapped, lost \d+ events/);

my $LINES = 12_000;

my $room = Room->start('-r', '64k');
my $alice = $room->enter('alice', tsv => 1);
my $bob = $room->enter('bob');
my $plain = $room->enter('plain', rcvbuf => 4096);
my $tsv = $room->enter('tsv', tsv => 1, rcvbuf => 4096);
$alice->expect(qr/\tjoin\ttsv\t/);
$plain->expect('-- tsv joined');
$_->freeze for $plain, $tsv;

my $text = 'x' x 200;
for (1 .. $LINES) {
	$bob->say("$text $_");
	Wait::pump(0) if $_ % 100 == 0;		# or alice would not read
}
my @published = $alice->expect(qr/ $LINES$/);
is(@published, $LINES, 'while two do not read, a third has every message');
$bob->sees("<bob> $text $LINES", 'and the sender every echo');
my $late = $room->enter('late');
ok($late, 'and a fourth can enter');
push @published, $alice->expect(qr/\tjoin\tlate\t/);
$bob->say("!me ends");
push @published, $alice->expect(qr/\tme\tbob\tends$/);

$tsv->thaw;
my @got = $tsv->expect(qr/\tme\tbob\tends$/);
my $lost = 0;
$lost += $_ for map { /^-\tlost\t\t(\d+)$/ ? $1 : () } @got;
my @events = grep { /^\d/ } @got;
cmp_ok($lost, '>', 0,
    'a client that did not read has lost messages and is told so');
is($lost + @events, @published,
    'received and lost messages are all that were published');
my %at;
@at{@published} = 0 .. $#published;
is((grep { !exists $at{$_} } @events), 0,
    'every message received is one that was published, whole');
my @order = map { $at{$_} } @events;
is((grep { $order[$_] <= $order[$_ - 1] } 1 .. $#order), 0, 'in order');

# Each number stands where the gap is, and is its size.
my ($next, $wrong) = (0, 0);
for (@got) {
	if (/^-\tlost\t\t(\d+)$/) {
		$next += $1;
	} else {
		$wrong++ if $at{$_} != $next;
		$next = $at{$_} + 1;
	}
}
is($wrong, 0, 'and each loss is reported in its place');

$plain->thaw;
@got = $plain->expect('* bob ends');
$lost = 0;
$lost += $_ for
    map { /^-- (\d+) messages? lost: you read too slowly$/ ? $1 : () } @got;
cmp_ok($lost, '>', 0, 'the plain form reports it too');
is($lost + (grep { !/ lost: / } @got), @published,
    'and received and lost messages are all that were published');

$bob->say('hello again');
$tsv->sees(qr/\tmsg\tbob\thello again$/,
    'a client that reads again misses nothing more');

$tsv->freeze;
$bob->say("$text $_") for 1 .. 5000;
$bob->expect("<bob> $text 5000");
$tsv->reset;
$alice->sees(qr/\tleave\ttsv\tconnection lost$/,
    'the end of a client that never read again is noticed');
$room->stop;

# What it is sent before its leave is more than sockets hold and less than
# the ring; what it is sent after it is more than the ring.
$room = Room->start('-r', '1M');
$bob = $room->enter('bob');
$tsv = $room->enter('tsv', tsv => 1, rcvbuf => 4096)->freeze;
$bob->say("$text $_") for 1 .. 2500;
$bob->expect("<bob> $text 2500");
$tsv->say('!quit');
$bob->sees('-- tsv left (quit)', 'a client that does not read can leave');
$bob->say("$text $_") for 1 .. 5000;
$bob->expect("<bob> $text 5000");
@got = $tsv->thaw->rest;
is(pop @got, "-\tbye\ttsv\tquit", 'and gets its goodbye when it reads');
($lost) = pop(@got) =~ /^-\tlost\t\t(\d+)$/;
ok($lost, 'but is told before that how much it lost');
is(@got + ($lost // 0), 2500,
    'received and lost messages are all that preceded its leave');
$room->stop;
done_testing;
