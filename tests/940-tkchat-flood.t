#!/usr/bin/env perl
#
# Goal: in a room with very many messages tkchat keeps up, does not become
# slower, and forgets what is long past.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Room;
use Test::More;
use Window;

plan skip_all => Window::missing() if Window::missing();

my $room = Room->start(qw(-r 8M));
my $ann = Window->enter($room, 'ann');
my $eve = Chatc->in_room($room, '-q', '-n', 'eve');
my $said = 0;

# So many lines more; processor seconds that the window took for them.
sub flood {
	my ($n) = @_;
	my $before = $ann->cpu_seconds;

	$eve->type("line $_ of them all\n") for $said + 1 .. $said + $n;
	$said += $n;
	$ann->await("[.room.talk.text search -backwards {line $said of } " .
	    'end] ne ""', 'the last line of the flood');
	return if !defined $before;
	return $ann->cpu_seconds - $before;
}

my $early = flood(3000);
flood(7000);
my $late = flood(3000);
SKIP: {
	skip 'no /proc here', 1 if !defined $early;
	note "processor time for 3000 lines: $early s, after 10000: $late s";
	cmp_ok($late, '<', 3 * $early + 1,
	    'late lines take no longer than early ones');
}
my $lines = $ann->tcl('.room.talk.text count -lines 1.0 end');
ok($lines >= 10000 && $lines <= 10200, 'only the last ten thousand are kept');
$ann->becomes('[lindex [.room.talk.text yview] 1] == 1.0',
    'and the last one is in sight');
$ann->say('I am still here');
$ann->reads(qr/ann  I am still here\n/, 'the user can send as before');
$ann->closes('and leave');
is($eve->end->status, 0, 'all messages have arrived');
$room->stop;
done_testing();
