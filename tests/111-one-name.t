#!/usr/bin/env perl
#
# Goal: of all clients that want one name at the same moment, by joining or by
# renaming themselves, one gets it, and the others are told that it is taken.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(
	qr/stopped with the lock: killed/,
	qr/died of signal 9; recovered/,
);

my $RACERS = 24;

my $room = Room->start;
my $watcher = $room->enter('watcher');
my $mallory = $room->enter('mallory');
my $pid = $room->session_of('mallory');

# Half of them are in the room under other names already.
my @racers = map { $_ % 2 ? $room->enter("racer$_") : $room->connect }
    1 .. $RACERS;
$watcher->expect('-- racer' . ($RACERS - 1) . ' joined');
$_->until_now for grep { !$_->{name} } @racers;
$_->until_now for grep { $_->{name} } @racers;

# The lock that guards names is held until they all stand before it: by one
# that is stopped, which the parent kills after two seconds.
kill 'STOP', $pid;
system('tests/chaos/hold', '/chatserv.' . $room->port, $pid) == 0
    or die "cannot hold the lock\n";
$_->say($_->{name} ? '!name crown' : 'CROWN') for @racers;
$room->logs(qr/pid $pid: stopped with the lock: killed\n/,
    'all ask for the name while nobody can get it');
my ($won, $told) = (0, 0);
for my $racer (@racers) {
	my $line = $racer->expect(qr/^!! .*taken|^-- welcome crown|
	    ^--\ (?:welcome\ CROWN|racer\d+\ is\ now\ crown)/xi);
	if ($line =~ /^!!/) {
		$told++;
	} elsif ($line !~ /^-- (racer\d+) is now/i) {
		$won++;
	} elsif ($racer->{name} && $1 eq $racer->{name}) {
		$won++;
	} else {
		$told++ if $racer->expect(qr/^!! .*taken/);
	}
}
is($won, 1, 'one gets it');
is($told, $RACERS - 1, 'and all others are told that it is taken');
$watcher->say('!who');
my @here = map { /here:(.*)/ ? split(' ', $1) : () }
    $watcher->expect(qr/^-- \d+ here:/);
is((grep { lc eq 'crown' } @here), 1, 'one client has that name');
my %names;
$names{lc $_}++ for @here;
is(join(' ', grep { $names{$_} > 1 } sort keys %names), '',
    'and no name has two holders');
$room->stop;
done_testing();
