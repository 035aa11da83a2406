# Many connections that mean no good: tests/chaos/swarm in a room, which says
# what it can do.

package Swarm;

use strict;
use warnings;
use Chatc;
use Wait;

our @ISA = ('Chatc');

sub start {
	my ($class, $room, @what) = @_;
	return $class->SUPER::start(program => ['tests/chaos/swarm'], '--',
	    $room->{host}, $room->port, @what);
}

# Until it is done, one client says lines, each of which another hears before
# the next; how many they were.
sub meanwhile {
	my ($self, $mouth, $ear) = @_;
	my $said = 0;

	Wait::until_true(sub {
		$mouth->say('line ' . ++$said);
		$ear->expect("<$mouth->{name}> line $said");
		return $self->out =~ /\n/;
	}, 0.001);
	return $said;
}

1;
