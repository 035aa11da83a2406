# Goal: when a session is idle again, the system has the memory back that a
# burst took, and no message is lost with it.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::allows(qr/bob lapped, lost \d+ events/);

# KiB of memory that are this process's own, in its program's own variables.
sub own {
	my ($pid) = @_;
	my ($own, $here) = (0, 0);

	open my $maps, '<', "/proc/$pid/smaps" or return 0;
	while (<$maps>) {
		$here = m{\A[0-9a-f]+-[0-9a-f]+ rw-p .* 0\s*\Z} if /\A[0-9a-f]+-/;
		$own += $1 if $here && /\APrivate_Dirty:\s+(\d+)/;
	}
	return $own;
}

plan skip_all => 'no /proc/PID/smaps here' unless own($$);
plan skip_all => 'the sanitizers have their own memory' if $ENV{SAN};

my $room = Room->start;
my $alice = $room->enter('alice');
my $bob = $room->enter('bob');
my $pid = $room->session_of('bob');

# More than the sockets hold, so the rest stays in the session meanwhile.
my $idle = own($pid);
$bob->freeze;
$alice->send(join '', map {'x' x 1000 . " $_\n"} 1 .. 5000);
$room->eventually(sub { own($pid) >= $idle + 48 }, 'a burst takes memory');
$alice->expect(qr/ 5000$/);
my $busy = own($pid);
$bob->thaw->expect(qr/ 5000$/);
$room->eventually(sub { own($pid) + 32 <= $busy },
    "a second after the burst a session keeps less than its $busy KiB");
$alice->say('still there?')->expect('<alice> still there?');
$bob->expect('<alice> still there?');
$bob->send('half a li');
$room->eventually(sub { own($pid) < $busy }, 'half a line takes little');
$bob->say('ne')->expect('<bob> half a line');
pass('and it is whole when its other half arrives');

$room->stop;
done_testing();
