# A real chatc: start it, feed it, read from it, and check its end.
#
# The program is $CHATC, or chatc/chatc.  Its standard input is a pipe from the
# test unless something else is given; standard output and standard error are
# pipes, kept apart.

package Chatc;

use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use POSIX ();
use Test::More ();
use Wait;

our $PROGRAM = $ENV{CHATC} // 'chatc/chatc';
my @running;

# One of its three standard streams, as Wait knows them.
package Chatc::Stream {
	sub new {
		my ($class, $fh, $writes) = @_;
		$fh->blocking(0);
		my $self = bless { fh => $fh, writes => $writes,
		    bytes => '' }, $class;
		Wait::add($self);
		return $self;
	}

	sub fh { $_[0]{fh} }
	sub wants_input { !$_[0]{writes} && !$_[0]{over} && !$_[0]{held} }
	sub wants_output { $_[0]{writes} && length $_[0]{bytes} }

	sub take {
		my ($self) = @_;
		my $n = sysread $self->{fh}, $self->{bytes}, 1 << 16,
		    length $self->{bytes};
		return if !defined $n && ($!{EAGAIN} || $!{EINTR});
		$self->close if !$n;
	}

	sub put {
		my ($self) = @_;
		my $n = syswrite $self->{fh}, $self->{bytes}, 1 << 16;
		return if !defined $n && ($!{EAGAIN} || $!{EINTR});
		substr($self->{bytes}, 0, $n // length $self->{bytes}) = '';
		$self->close if $self->{ends} && $self->{bytes} eq '';
	}

	sub close {
		my ($self) = @_;
		return if $self->{over}++;
		Wait::drop($self);
		CORE::close($self->{fh});
	}
}

# chatc with these arguments.  Before '--' there may be names: in, out and err
# are open files (or paths) instead of pipes, env a hash of variables, program
# a program to run instead.
sub start {
	my ($class, @argv) = @_;
	my %how;

	if (grep { $_ eq '--' } @argv) {
		while ((my $key = shift @argv) ne '--') {
			$how{$key} = shift @argv;
		}
	}
	my (@child, %mine);
	for my $name (qw(in out err)) {
		if (defined $how{$name}) {
			push @child, $how{$name};
			next;
		}
		pipe my $read, my $write or die "pipe: $!\n";
		push @child, $name eq 'in' ? $read : $write;
		$mine{$name} = $name eq 'in' ? $write : $read;
	}
	defined(my $pid = fork) or die "fork: $!\n";
	if ($pid == 0) {
		become($how{program} // [$PROGRAM], \@child, $how{env},
		    @argv);
	}
	close $_ for grep { ref } @child;
	my $self = bless { pid => $pid }, $class;
	$self->{$_} = Chatc::Stream->new($mine{$_}, $_ eq 'in')
	    for keys %mine;
	push @running, $self;
	return $self;
}

# In the child: set up chatc's environment.
sub become {
	my ($program, $files, $env, @argv) = @_;

	setpgrp 0, 0;
	$SIG{PIPE} = 'DEFAULT';
	$ENV{$_} = $env->{$_} for keys %{ $env // {} };
	my $mode = POSIX::O_RDONLY();
	my @fds;
	for (@$files) {
		push @fds, ref $_ ? fileno $_ : $_ eq 'closed' ? -1 :
		    POSIX::open($_, $mode) // die "$_: $!\n";
		$mode = POSIX::O_WRONLY();
	}
	for my $fd (0 .. 2) {
		$fds[$fd] < 0 ? POSIX::close($fd) :
		    POSIX::dup2($fds[$fd], $fd);
	}
	exec { $program->[0] } @$program, @argv or POSIX::_exit(127);
}

# chatc in this room, with these arguments.
sub in_room {
	my ($class, $room, @argv) = @_;
	return $class->start(@argv, $room->{host}, $room->{port});
}

# The same until it exits: exit status (or -signal), output, errors.
sub run {
	my ($class, $room, $input, @argv) = @_;

	my $self = $class->in_room($room, @argv);
	$self->type($input)->end if $self->{in};
	return ($self->status, $self->out, $self->err);
}

sub pid { $_[0]{pid} }
sub out { $_[0]{out} ? $_[0]{out}{bytes} : undef }
sub err { $_[0]{err} ? $_[0]{err}{bytes} : undef }

sub type {
	my ($self, $bytes) = @_;

	$self->{in}{bytes} .= $bytes;
	$self->{in}->put if length $bytes;
	return $self;
}

# No more input.
sub end {
	my ($self) = @_;

	if ($self->{in}{bytes} eq '') {
		$self->{in}->close;
	} else {
		$self->{in}{ends} = 1;
	}
	return $self;
}

# Wait until a stream (out) has these bytes; dies if they never arrive.
sub expect {
	my ($self, $wanted, $stream) = @_;

	my $s = $self->{ $stream // 'out' };
	Wait::until_true(sub { $s->{bytes} =~ $wanted || $s->{over} });
	die "chatc never wrote $wanted:\n$s->{bytes}\nbut:\n" .
	    ($self->err // '') . "\n" if $s->{bytes} !~ $wanted;
	return $self;
}

# A test: these bytes arrive.
sub shows {
	my ($self, $wanted, $name, $stream) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::ok(eval { $self->expect($wanted, $stream) }, $name) or
	    Test::More::diag($@);
}

# Whether it has exited by itself.
sub ended {
	my ($self) = @_;

	return 1 if !defined $self->{pid};
	return 0 if !waitpid $self->{pid}, POSIX::WNOHANG();
	$self->{status} = $? & 127 ? -($? & 127) : $? >> 8;
	delete $self->{pid};
	return 1;
}

# Wait for its end: exit status, or -signal.
sub status {
	my ($self) = @_;

	Wait::until_true(sub {
		$self->ended && !grep { $self->{$_} && !$self->{$_}{over} }
		    qw(out err);
	}, 0.02) or die "chatc does not end:\n" . ($self->err // '') . "\n";
	$self->{in}->close if $self->{in};
	return $self->{status};
}

sub signal {
	my ($self, $signal) = @_;
	kill $signal, $self->{pid} or die "kill: $!\n";
}

# Seconds of processor time that it has used, if /proc tells.
sub cpu_seconds {
	my ($self) = @_;

	open my $stat, '<', "/proc/$self->{pid}/stat" or return;
	my @field = split ' ', <$stat> =~ s/.*\) //r;
	return ($field[11] + $field[12]) / POSIX::sysconf(
	    POSIX::_SC_CLK_TCK());
}

END {
	my $status = $?;
	for my $chatc (grep { $_->{pid} } @running) {
		kill 'KILL', -$chatc->{pid};
		kill 'KILL', $chatc->{pid};
		waitpid $chatc->{pid}, 0;
	}
	$? = $status;
}

1;
