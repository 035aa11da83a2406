# Goal: a client that has no name and reads nothing holds a place no longer
# than it had time to give a name, however its session ends.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;
use Wait;

# Far more than the two seconds that it takes, and less than the thirty for
# those who have a name.
$Wait::LIMIT = 20;

Room::expects(qr/refused: you gave no name in time/);
my $room = Room->start('-t', 2);
my $alice = $room->enter('alice');
for my $end ('', "!quit\n") {
	my $deaf = $room->connect(rcvbuf => 4096)->freeze;

	# More answers than socket and session take.
	$deaf->send("!help\n" x 40000 . $end);
	$room->eventually(sub { (grep { $_->{title} !~ /waker/ }
	    $room->children) == 2 }, 'a client that reads nothing connects');
	$room->eventually(sub { (grep { $_->{title} !~ /waker/ }
	    $room->children) == 1 }, 'and is disconnected');
	$deaf->close;
}
my $patient = $room->connect(rcvbuf => 4096)->send("!help\n" x 40000);
$patient->send("patient\n");
$alice->sees('-- patient joined', 'a client that reads has the time to join');
$room->stop;
done_testing;
