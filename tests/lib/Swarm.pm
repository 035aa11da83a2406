# Many hostile connections: tests/chaos/swarm in a room; its head says what it
# can do.

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

# Until it is done, one client sends lines, and another reads each before the
# next; returns how many.
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
