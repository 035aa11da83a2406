# Goal: when the clock is set forward by a day, back by two, and right again,
# IDs go on increasing, no time-out comes early or late, and no process spins.

use strict;
use warnings;
use lib 'tests/lib';
use Faults;
use Room;
use Test::More;
use Time::HiRes qw(time);
use Wait;

my $missing = Faults::missing($Room::PROGRAM);
plan skip_all => $missing if $missing;

my $DAY = 86400;
my $faults = Faults->new(1);
my $room = do {
	local %ENV = (%ENV, $faults->environment);
	Room->start('-t', 20);
};
my ($alice, $bob) = map { $room->enter($_, tsv => 1) } qw(alice bob);
my $silent = $room->connect;
$silent->expect(qr/name/);
my ($last, @ids, @all) = (0);

# Seconds of processor time that all of them have used.
sub cpu {
	my $ticks = 0;

	for my $pid (map { $_->{pid} } $room->family) {
		open my $stat, '<', "/proc/$pid/stat" or next;
		my @field = split ' ', <$stat> =~ s/.*\) //r;
		$ticks += $field[11] + $field[12];
	}
	return $ticks / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

# Send a message; its ID.
sub talk {
	my ($when) = @_;
	my @new;

	for my $n (1 .. 20) {
		$alice->say("$when $n");
		my @lines = $bob->expect(qr/\tmsg\talice\t$when $n\z/);
		push @new, map { /^(\d+)\t/ } @lines;
		push @all, grep { !/\tjoin\t/ } @lines;
	}
	is((grep { $new[$_] <= ($_ ? $new[$_ - 1] : $last) } 0 .. $#new), 0,
	    "$when, IDs go on increasing");
	$last = $new[-1];
	push @ids, @new;
}

my $cpu = cpu();
talk('which tell the right time');
my $before = $last;
for (['a day ahead', $DAY], ['a day behind', -$DAY], ['right again', 0]) {
	$faults->set_clock($_->[1]);
	talk($_->[0]);
}
cmp_ok($last - $before, '>', ($DAY - 60) * 1e6,
    'IDs are the time where it goes forward');
cmp_ok($last - time() * 1e6, '<', ($DAY + 60) * 1e6,
    'and wait for it, one after the other, where it has gone back');
is(@all, 80, 'each message arrived once');
my $late = $room->enter('late', tsv => 1, since => $ids[19]);
is((grep { /\tmsg\talice\t/ } @{ $late->{entry} }), 60,
    'the events after an ID can be requested');
$silent->say('patient')->sees(qr/^-- welcome patient,/,
    'a client has all of its time for a name');
cmp_ok(cpu() - $cpu, '<', 5, 'no process spins');
$alice->sees(qr/\tjoin\tpatient\t/, 'and the room goes on');
$room->stop;
done_testing;
