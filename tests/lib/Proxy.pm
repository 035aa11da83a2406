# A path between chatc and the room that breaks on demand: a TCP proxy inside
# the test, which can also stand before other servers than the room.  A
# connection through it can be closed, reset or frozen, usually in the middle of
# a line; what is sent can be held back, and arrive when its sender is dead; new
# connections can be refused for a while.

package Proxy;

use strict;
use warnings;
use Errno qw(EAGAIN EINTR EINPROGRESS);
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);
use Wait;

# One end of a connection; what it reads goes to its peer.
package Proxy::End {
	sub new {
		my ($class, $fh) = @_;
		$fh->blocking(0);
		return bless { fh => $fh, out => '',
		    carried => 0 }, $class;
	}

	sub fh { $_[0]{fh} }

	sub wants_input {
		my ($self) = @_;
		return !$self->{frozen} && !$self->{deaf} && length $self->{peer}{out} < 65536;
	}

	sub wants_output {
		my ($self) = @_;
		return !$self->{frozen} && !$self->{held} && length $self->{out};
	}

	sub take {
		my ($self) = @_;
		my $n = sysread $self->{fh}, $self->{peer}{out}, 4096,
		    length $self->{peer}{out};
		return if !defined $n && ($!{EAGAIN} || $!{EINTR});
		if (!$n) {
			return Wait::drop($self) if $self->{peer}{held};
			return $self->{pair}->break('drop');
		}
		$self->{heard} .= substr $self->{peer}{out}, -$n
		    if defined $self->{heard};
		$self->{carried} += $n;
		$self->{peer}->put;
	}

	sub put {
		my ($self) = @_;
		return if $self->{frozen} || $self->{held} || $self->{out} eq '';
		my $n = syswrite $self->{fh}, $self->{out};
		return if !defined $n && ($!{EAGAIN} || $!{EINTR});
		return $self->{pair}->break('drop') if !defined $n;
		substr($self->{out}, 0, $n) = '';
	}
}

# Two of them.
package Proxy::Pair {
	sub new {
		my ($class, $near, $far) = @_;
		my $self = bless { ends => [map { Proxy::End->new($_) }
		    $near, $far] }, $class;
		my ($a, $b) = @{ $self->{ends} };
		@$a{qw(peer pair)} = ($b, $self);
		@$b{qw(peer pair)} = ($a, $self);
		Wait::add($_) for $a, $b;
		return $self;
	}

	# drop: bytes on their way arrive, then it ends; reset: they do not.
	sub break {
		my ($self, $how) = @_;

		return if $self->{broken}++;
		for my $end (@{ $self->{ends} }) {
			Wait::drop($end);
			if ($how eq 'reset') {
				setsockopt $end->{fh}, Socket::SOL_SOCKET(),
				    Socket::SO_LINGER(), pack 'ii', 1, 0;
			} elsif (length $end->{out} && !$end->{frozen}) {
				syswrite $end->{fh}, $end->{out};
			}
			CORE::close($end->{fh});
		}
	}

	# Nothing arrives from the room any more.
	sub hush { $_[0]{ends}[1]{deaf} = 1 }

	# What is sent does not arrive, though its sender may end ...
	sub hold { my ($self) = @_; $self->{ends}[1]{held} = 1 }
	sub held { my ($self) = @_; return $self->{ends}[1]{out} }

	# ... until now; the sender is not told of it, alive or dead.
	sub release {
		my ($self) = @_;
		my ($near, $far) = @{ $self->{ends} };

		$far->{heard} = '';
		$near->{frozen} = 1;
		$far->{held} = 0;
		$far->put;
	}

	# What the other side has answered since.
	sub heard { my ($self) = @_; return $self->{ends}[1]{heard} }

	# Nothing passes either way any more, and neither side is told.
	sub freeze {
		my ($self) = @_;
		$_->{frozen} = 1 for @{ $self->{ends} };
	}
}

# A proxy before host and port.
sub new {
	my ($class, $host, $port) = @_;

	my $listener = IO::Socket::INET->new(Listen => 64, ReuseAddr => 1,
	    LocalAddr => '127.0.0.1') or die "proxy: $!\n";
	$listener->blocking(0);
	my $self = bless { fh => $listener, target => [$host, $port],
	    pairs => [], host => '127.0.0.1', port => $listener->sockport },
	    $class;
	Wait::add($self);
	return $self;
}

sub fh { $_[0]{fh} }
sub wants_input { 1 }
sub wants_output { 0 }

# A new connection; the room may be gone just now.
sub take {
	my ($self) = @_;

	my $near = $self->{fh}->accept or return;
	my ($host, $port) = @{ $self->{target} };
	my $far = !$self->{gone} && IO::Socket::INET->new(PeerAddr => $host,
	    PeerPort => $port, Timeout => 5);
	if (!$far) {
		close $near;
		return;
	}
	push @{ $self->{pairs} }, Proxy::Pair->new($near, $far);
}

# From now on the room is gone, for new connections; or it is back.
sub gone { my ($self, $gone) = @_; $self->{gone} = $gone }

# The open connections.
sub pairs {
	my ($self) = @_;

	@{ $self->{pairs} } = grep { !$_->{broken} } @{ $self->{pairs} };
	return @{ $self->{pairs} };
}

# One that works, and has carried so many bytes from the room.
sub busy_pair {
	my ($self, $bytes) = @_;

	return Wait::until_true(sub {
		my @busy = grep {
			my $far = $_->{ends}[1];
			!$far->{frozen} && $far->{carried} > $bytes
		} $self->pairs;
		return @busy && $busy[rand @busy];
	}) // die "no connection comes to work\n";
}

1;
