# A program at a pseudo-terminal of its own, whose other end is read only as
# fast as the test wants: for what tmux reads too fast.

package Pty;

use strict;
use warnings;
use Errno qw(EAGAIN EINTR EIO);
use Fcntl;
use POSIX ();
use Wait;

# How Linux creates pseudo-terminals; other systems skip these tests.
my ($GET_NUMBER, $UNLOCK, $SET_SIZE) = (0x80045430, 0x40045431, 0x5414);

sub available { return $^O eq 'linux' && -e '/dev/ptmx' }

# This program with these arguments, in a window of 80 columns and 24 rows.
# Of the names before '--', env is a hash of variables.
sub start {
	my ($class, @argv) = @_;
	my %how;

	if (grep { $_ eq '--' } @argv) {
		while ((my $key = shift @argv) ne '--') {
			$how{$key} = shift @argv;
		}
	}
	sysopen my $fh, '/dev/ptmx', O_RDWR | O_NOCTTY or die "ptmx: $!\n";
	my ($number, $none) = (pack('I', 0), pack 'i', 0);
	ioctl $fh, $UNLOCK, $none or die "unlock: $!\n";
	ioctl $fh, $GET_NUMBER, $number or die "number: $!\n";
	my $size = pack 'S4', 24, 80, 0, 0;
	ioctl $fh, $SET_SIZE, $size or die "size: $!\n";
	my $name = '/dev/pts/' . unpack 'I', $number;
	defined(my $pid = fork) or die "fork: $!\n";
	if ($pid == 0) {
		POSIX::setsid();
		close $fh;
		my $fd = POSIX::open($name, O_RDWR) // POSIX::_exit(126);
		POSIX::dup2($fd, $_) for 0 .. 2;
		%ENV = (%ENV, TERM => 'xterm', LC_ALL => 'C.UTF-8',
		    %{ $how{env} // {} });
		exec { $argv[0] } @argv or POSIX::_exit(127);
	}
	$fh->blocking(0);
	my $self = bless { pid => $pid, fh => $fh, bytes => '' }, $class;
	Wait::add($self);
	return $self;
}

# For Wait, as in every handle.
sub fh { $_[0]{fh} }
sub wants_input { !$_[0]{over} && !$_[0]{held} }
sub wants_output { 0 }

sub take {
	my ($self) = @_;

	my $n = sysread $self->{fh}, $self->{bytes}, 1 << 16,
	    length $self->{bytes};
	return if !defined $n && ($!{EAGAIN} || $!{EINTR});
	$self->close if !$n;
}

# Read nothing more, like a terminal that is stopped; or continue.
sub hold { $_[0]{held} = 1; return $_[0] }
sub release { $_[0]{held} = 0; return $_[0] }

# All of it, as fast as the program takes it.
sub type {
	my ($self, $keys) = @_;

	Wait::until_true(sub {
		my $n = syswrite $self->{fh}, $keys;
		substr $keys, 0, $n, '' if $n;
		return $self->{over} || $keys eq '';
	}, 0.02) or die "it takes no keys\n";
	return $self;
}

# Another size of the window, of which the system tells the program.
sub resize {
	my ($self, $columns, $rows) = @_;
	my $size = pack 'S4', $rows, $columns, 0, 0;

	ioctl $self->{fh}, $SET_SIZE, $size or die "size: $!\n";
	return $self;
}

sub bytes { $_[0]{bytes} }
sub pid { $_[0]{pid} }

# Wait until it has shown this, or die.
sub expect {
	my ($self, $wanted) = @_;

	Wait::until_true(sub { $self->{bytes} =~ $wanted || $self->{over} });
	die "the terminal never showed $wanted:\n$self->{bytes}\n"
	    if $self->{bytes} !~ $wanted;
	return $self;
}

# Its end: exit status, or -signal.
sub status {
	my ($self) = @_;

	Wait::until_true(sub { waitpid $self->{pid}, POSIX::WNOHANG() }, 0.02)
	    or die "it does not end\n";
	$self->close;
	delete $self->{pid};
	return $? & 127 ? -($? & 127) : $? >> 8;
}

sub close {
	my ($self) = @_;

	return if $self->{over}++;
	Wait::drop($self);
	CORE::close($self->{fh});
}

sub DESTROY {
	my ($self) = @_;

	local $?;
	return if !$self->{pid};
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
}

1;
