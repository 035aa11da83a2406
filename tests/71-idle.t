# Goal: what a burst took of a session's memory, the system has back when
# the session is idle again, and nothing said is lost with it.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

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

$bob->freeze;
$alice->send(join '', map {"!me says $_\n"} 1 .. 2000);
$alice->expect('* alice says 2000');
my $busy = 0;
$bob->thaw;
for my $i (1 .. 2000) {
	$bob->expect("* alice says $i");
	$busy = own($pid) if $busy == 0;
}
$room->eventually(sub { own($pid) + 32 <= $busy },
    "a second after the burst a session keeps less than its $busy KiB");
$alice->say('still there?')->expect('<alice> still there?');
$bob->expect('<alice> still there?');
$bob->send('half a li');
$room->eventually(sub { own($pid) < $busy }, 'half a line takes little');
$bob->say('ne')->expect('<bob> half a line');
pass('and it is whole when its other half comes');

$room->stop;
done_testing();
