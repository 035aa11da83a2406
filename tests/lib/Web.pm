# A real chatweb in front of a room, and clients of it that are no browsers.
#
# The program is $CHATWEB, or contrib/chatweb/chatweb; like a room it listens
# on a free port, and its log is checked at the end.

package Web;

use strict;
use warnings;
use parent -norequire, 'Room';
use Room;

our $PROGRAM = $ENV{CHATWEB} // 'contrib/chatweb/chatweb';

# chatweb before this room (by TCP, unless the options have -u), on 127.0.0.1
# unless a host and a port follow '--'.
sub start {
	my ($class, $room, @options) = @_;

	push @options, '-r', "$room->{host}:$room->{port}"
	    if !grep { $_ eq '-u' } @options;
	local $Room::PROGRAM = $PROGRAM;
	return $class->SUPER::start(@options);
}

# Its answer to these bytes, whole.
sub answer {
	my ($self, $bytes, %how) = @_;

	my $client = $self->connect(%how)->send($bytes);
	Wait::until_true(sub { $client->{over} }) or die "no end of it\n";
	return $client->{in};
}

# A request; fields replace a browser's, or are added to them.
sub request {
	my ($self, $target, %field) = @_;

	%field = (Host => "$self->{host}:$self->{port}", %field);
	return join "\r\n", "GET $target HTTP/1.1",
	    (map {"$_: $field{$_}"} grep { defined $field{$_} }
	    sort keys %field), '', '';
}

sub upgrade {
	my ($self, %field) = @_;

	return $self->request('/room', Origin =>
	    "http://$self->{host}:$self->{port}", Upgrade => 'websocket',
	    Connection => 'keep-alive, Upgrade',
	    'Sec-WebSocket-Version' => 13,
	    'Sec-WebSocket-Key' => 'dGhlIHNhbXBsZSBub25jZQ==', %field);
}

# A WebSocket to the room, before a name is given.
sub socket {
	my ($self, %field) = @_;
	my %how = map { $_ => delete $field{$_} } qw(local rcvbuf);

	my $client = bless $self->connect(%how), 'WebSocket';
	$client->send($self->upgrade(%field));
	Wait::until_true(sub { $client->{answer} || $client->{over} });
	die "no WebSocket: " . ($client->{raw} // '') . "\n"
	    if !$client->{answer};
	return $client;
}

# In the room, under this name.
sub browse {
	my ($self, $name, %field) = @_;

	my $client = $self->socket(%field)->say($name);
	my ($hello) = grep {/\thello\t/} $client->expect(
	    qr/\A\d+\tjoin\t\Q$name\E\t/);
	$client->{token} = $1 if $hello =~ /\t(\w+)$/;
	return $client;
}

# A browser for a test: frames out, lines in.

package WebSocket;

use parent -norequire, 'Client';
use Client;

# One frame, masked with four bytes of which none is 0.
sub frame {
	my ($opcode, $bytes, %how) = @_;
	my $mask = $how{mask} // "\x11\x22\x33\x44";
	my $n = length $bytes;

	my $masked = $bytes ^ substr $mask x (1 + $n / 4), 0, $n;
	my $head = pack 'C', ($how{more} ? 0 : 0x80) | $opcode;
	$head .= $n < 126 ? pack 'C', 0x80 | $n :
	    $n < 65536 ? pack 'Cn', 0x80 | 126, $n :
	    pack 'CQ>', 0x80 | 127, $n;
	return "$head$mask$masked";
}

sub say { my ($self, $text) = @_; return $self->send(frame(1, $text)) }

# Frames as they arrive: text into lines, the rest into {control}.
sub take {
	my ($self) = @_;

	local $self->{in} = $self->{raw} // '';
	$self->SUPER::take;
	$self->{raw} = $self->{in};
	$self->{answer} = $1
	    if $self->{raw} =~ s{\A(HTTP/1.1 101 .*?\r\n\r\n)}{}s;
}

# The frames that have come since the last call, each as opcode and payload.
sub frames {
	my ($self) = @_;
	my @frames;

	while (length($self->{raw} // '') >= 2) {
		my ($first, $n) = unpack 'CC', $self->{raw};
		my $at = $n < 126 ? 2 : $n == 126 ? 4 : 10;
		last if length $self->{raw} < $at;
		($n) = unpack $at == 4 ? 'x2n' : 'x2Q>', $self->{raw}
		    if $at > 2;
		last if length $self->{raw} < $at + $n;
		my $bytes = substr substr($self->{raw}, 0, $at + $n, ''), $at;
		# Each frame from chatweb is a whole message.
		push @frames, [$first ^ 0x80, $bytes];
	}
	return @frames;
}

sub decode {
	my ($self) = @_;

	for my $frame ($self->frames) {
		if ($frame->[0] == 1) {
			$self->{in} .= "$frame->[1]\n";
		} else {
			push @{ $self->{control} }, $frame;
		}
	}
}

sub line {
	my ($self, $end) = @_;

	Wait::until_true(sub {
		$self->decode;
		index($self->{in}, "\n") >= 0 || $self->{over};
	}, undef, $end);
	return $self->SUPER::line($end);
}

# The code of its close, when the connection has ended.
sub closed {
	my ($self) = @_;

	Wait::until_true(sub {
		$self->decode;
		$self->{over} || grep { $_->[0] == 8 }
		    @{ $self->{control} // [] };
	});
	my ($close) = grep { $_->[0] == 8 } @{ $self->{control} // [] };
	return !$close ? 'none' : length $close->[1] ? unpack 'n', $close->[1] :
	    'empty';
}

1;
