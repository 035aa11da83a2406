# A client of the room that speaks IRC: lines end in CR LF, and the byte 01
# encloses an ACTION.

package IRC;

use strict;
use warnings;
use parent -norequire, 'Client';
use Client;

sub say { my ($self, $line) = @_; return $self->send("$line\r\n") }

sub line {
	my ($self, $end) = @_;

	my $line = $self->take_line($end) // return;
	die "a line of IRC ends otherwise: $line\n"
	    if $line !~ s/\r\n\z// && $line !~ s/\A(-- .*)\n\z/$1/;
	die "a line of IRC is too long: $line\n"
	    if length($line =~ s/^\@\S+ //r) > 510;
	die "raw bytes reach a client: $line\n"
	    if !Client::printable($line =~ tr/\001//dr);
	return $line;
}

# In the room, under this name: registered, joined, with the list of names.
sub enter {
	my ($class, $room, $name, %how) = @_;

	my $self = bless $room->connect, $class;
	if ($how{caps}) {
		$self->say('CAP LS 302')->say("CAP REQ :$how{caps}");
	}
	$self->say("PASS $how{pass}") if $how{pass};
	$self->say("NICK $name")->say("USER $name 0 * :$name");
	$self->say('CAP END') if $how{caps};
	$self->{entry} = [$self->expect(qr/ 366 \Q$name\E #chat /)];
	$self->{name} = $name;
	return $self;
}

# Everything published before now has arrived.
sub until_now {
	my ($self) = @_;

	my $n = ++$self->{pings};
	my @lines = $self->say("PING :now$n")->expect(qr/ PONG \S+ :now$n\z/);
	return @lines[0 .. $#lines - 1];
}

1;
