# Goal: unread data for a client that does not read takes little of the
# system's memory, and the client is told how much it lost.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp;
use Room;
use Test::More;

Room::expects(qr/deaf\w+ lapped, lost \d+ events/);

my $SESSION = 64 << 10;		# bytes that a session keeps itself
# What the system keeps, in an estimate from above: see chatserv(8).
my %most = (tcp => $^O eq 'linux' ? 96 << 10 : 256 << 10, unix => 256 << 10);

my $dir = File::Temp->newdir;
my $room = Room->start('-r', '64k', '-u', "$dir/socket",
    '-L', scalar getpwuid $>);
my $alice = $room->enter('alice');

for my $over (qw(tcp unix)) {
	my %how = $over eq 'tcp' ? (rcvbuf => 4096) : (path => "$dir/socket");
	my $deaf = $room->enter("deaf$over", tsv => 1, %how)->freeze;
	my $text = 'x' x 500;
	$alice->say("$text $_") for 1 .. 4000;
	$alice->expect(qr/ 4000$/);
	my $held = 0;
	$deaf->thaw;
	while (defined(my $line = $deaf->line)) {
		last if $line =~ /^-\tlost\t/;
		$held += 1 + length $line;
	}
	cmp_ok($held, '<', $SESSION + $most{$over},
	    "over $over, a client that never reads makes the system keep "
	    . ($most{$over} >> 10) . ' KiB at most');
	note "$held bytes were kept for it in all";
	$deaf->say('!quit')->rest;
}
$room->stop;
done_testing;
