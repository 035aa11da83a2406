# A client of the room, as bytes and lines over one socket.
#
# A test's bytes go out unchanged, and whatever comes back is kept until the
# test asks for it, even what arrives before a close or a reset.

package Client;

use strict;
use warnings;
use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use IO::Socket;
use IO::Socket::INET;
use Socket qw(:addrinfo SOCK_STREAM SOL_SOCKET SO_LINGER SO_RCVBUF);
use Test::More ();
use Wait;

# A TCP port on which nobody listens.
sub free_port {
	my $socket = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die "no port: $@\n";
	return $socket->sockport;
}

sub inet {
	my ($host, $port) = @_;

	my ($error, $info) = getaddrinfo($host, $port,
	    { flags => AI_NUMERICHOST, socktype => SOCK_STREAM });
	die "$host port $port: $error\n" if $error;
	return @$info{qw(family addr)};
}

# Connect to host and port, from the address local if given, or to the unix
# socket path.  With a small rcvbuf (bytes) the server soon notices that nobody
# reads.
sub connect {
	my ($class, %to) = @_;
	my ($family, $address) = defined $to{path} ?
	    (AF_UNIX, pack_sockaddr_un($to{path})) :
	    inet($to{host}, $to{port});

	socket my $fh, $family, SOCK_STREAM, 0 or die "socket: $!\n";
	setsockopt $fh, SOL_SOCKET, SO_RCVBUF, $to{rcvbuf} if $to{rcvbuf};
	if ($to{local}) {
		bind $fh, (inet($to{local}, 0))[1] or die "bind: $!\n";
	}
	CORE::connect($fh, $address) or die "connect: $!\n";
	$fh->blocking(0);
	my $self = bless { fh => $fh, in => '', out => '' }, $class;
	Wait::add($self);
	return $self;
}

# For Wait, as in every handle.
sub fh { $_[0]{fh} }
sub wants_input { !$_[0]{frozen} }
sub wants_output { length $_[0]{out} }

sub take {
	my ($self) = @_;

	my $n = sysread $self->{fh}, $self->{in}, 1 << 16, length $self->{in};
	return if !defined $n && ($!{EAGAIN} || $!{EINTR} || $!{EWOULDBLOCK});
	return if $n;
	# The server has closed, so this client does, too.
	$self->{over} = defined $n ? 'closed' : "$!";
	$self->close;
}

sub put {
	my ($self) = @_;

	return if !$self->{fh} || $self->{out} eq '';
	my $n = syswrite $self->{fh}, $self->{out};
	return if !defined $n && ($!{EAGAIN} || $!{EINTR} || $!{EWOULDBLOCK});
	# When the server is gone nothing waits any more; reading will tell.
	substr($self->{out}, 0, defined $n ? $n : length $self->{out}) = '';
}

# Sending.
sub send {
	my ($self, $bytes) = @_;

	$self->{out} .= $bytes;
	$self->put;
	return $self;
}

sub say { my ($self, $line) = @_; return $self->send("$line\n") }

sub flush {
	my ($self) = @_;

	Wait::until_true(sub { $self->{out} eq '' }) or
	    die "the server does not read\n";
	return $self;
}

# Leaving without !quit, in three ways.
sub half_close {
	my ($self) = @_;

	$self->flush;
	shutdown $self->{fh}, 1 if $self->{fh};
	return $self;
}

sub close {
	my ($self) = @_;

	return if !$self->{fh};
	Wait::drop($self);
	CORE::close(delete $self->{fh});
	$self->{out} = '';
}

sub reset {
	my ($self) = @_;

	return if !$self->{fh};
	setsockopt $self->{fh}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
	$self->close;
}

# Reading nothing for a while.
sub freeze { my ($self) = @_; $self->{frozen} = 1; return $self }
sub thaw { my ($self) = @_; $self->{frozen} = 0; return $self }

# What no client may ever receive: control characters but tab, bytes that are
# not UTF-8, and characters that hide or reorder text (but the two joiners).
my $raw = qr/[\x00-\x08\x0a-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|
    \xe2\x80[\x8b\x8e\x8f\xa8-\xae]|\xe2\x81[\xa0-\xa9]|\xef\xbb\xbf/x;

sub printable {
	my ($line) = @_;
	return utf8::decode(my $copy = $line) && $line !~ $raw;
}

# The next line with its LF; undef if there is none and none will arrive, or
# not before the end of the wait, which may have begun earlier.
sub take_line {
	my ($self, $end) = @_;

	my $has_line = sub { index($self->{in}, "\n") >= 0 };
	Wait::until_true(sub { $has_line->() || $self->{over} }, undef, $end);
	return if !$has_line->();
	# A regex would copy everything that waits after the line.
	return substr $self->{in}, 0, index($self->{in}, "\n") + 1, '';
}

# The same without its LF.
sub line {
	my ($self, $end) = @_;

	my $line = $self->take_line($end) // return;
	chop $line;
	die "raw bytes reach a client: $line\n" if !printable($line);
	return $line;
}

sub matches {
	my ($line, $wanted) = @_;
	return ref $wanted ? $line =~ $wanted : $line eq $wanted;
}

# Lines until one is (a string) or matches (a regex) the wanted one.  Others do
# not make the wait longer.
sub lines_until {
	my ($self, $wanted) = @_;
	my $end = Wait::end();
	my @lines;

	while (defined(my $line = $self->line($end))) {
		push @lines, $line;
		return (1, @lines) if matches($line, $wanted);
	}
	return (0, @lines);
}

sub trouble {
	my ($self, $wanted, @lines) = @_;
	my $more = () = @lines > 12 ? splice(@lines, 0, @lines - 12) : ();

	return join "\n", "waited for: $wanted",
	    ($more ? "($more lines) ..." : ()), (map {" got: $_"} @lines),
	    $self->{over} ? " (connection: $self->{over})" : ' (no more)';
}

# Not a test: return all lines up to the wanted one, or die.
sub expect {
	my ($self, $wanted) = @_;

	my ($found, @lines) = $self->lines_until($wanted);
	die trouble($self, $wanted, @lines), "\n" if !$found;
	return wantarray ? @lines : $lines[-1];
}

# A test: the wanted line arrives, now or after others.
sub sees {
	my ($self, $wanted, $name) = @_;

	my ($found, @lines) = $self->lines_until($wanted);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::ok($found, $name) or
	    Test::More::diag(trouble($self, $wanted, @lines));
	return @lines;
}

# A test: the very next line is the wanted one.
sub next_is {
	my ($self, $wanted, $name) = @_;

	my $line = $self->line;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::ok(defined $line && matches($line, $wanted), $name) or
	    Test::More::diag(trouble($self, $wanted, $line // ()));
	return $line;
}

# All lines to the end of the connection; dies if there is no end.
sub rest {
	my ($self) = @_;
	my $end = Wait::end();
	my @lines;

	while (defined(my $line = $self->line($end))) {
		push @lines, $line;
	}
	die "the connection does not end\n" if !$self->{over};
	return @lines;
}

# A test: no further line arrives, and the server closes in order.
sub ends {
	my ($self, $name) = @_;

	my @lines = $self->rest;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::is(join("\n", @lines, $self->{over}), 'closed', $name);
}

# Lines up to the answer to a question of one's own: everything that was
# published before it has arrived by then.
sub until_now {
	my ($self) = @_;

	my @lines = $self->say('!who')->expect(
	    qr/\A(?:-- \d+ here\b|-\twho\t\t\d+\z)/);
	return grep { !/\A-\twho\t/ } @lines[0 .. $#lines - 1];
}

1;
