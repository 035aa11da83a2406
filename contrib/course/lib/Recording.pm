# Turns chattrace's recording of a room into a diagram.
#
# A recording is the output of "strace -f -ttt -y", with lines that start
# with # for what strace does not know:
#
#	# parent PID
#	# waker PID
#	# session PID NAME		those that existed at the start
#	# record ID NUMBER KIND NAME TEXT	from the segment; tabs in between
#	# probe PID TIME EVENT	from uprobes
#	# note PID TIME TEXT	anything else to show
#
# An ID is the microsecond in which the record was appended, under the lock.

package Recording;

use strict;
use warnings;
use Diagram;

sub new {
	my ($class) = @_;
	return bless { role => {}, sessions => [], events => [], spans => [],
	    ends => {}, records => [], asleep => {}, unfinished => {},
	    locked => {}, last => 0 }, $class;
}

sub read_lines {
	my ($class, @lines) = @_;
	my $self = $class->new;

	# First what strace does not know.
	for (sort { ($b =~ /^#/) <=> ($a =~ /^#/) } @lines) {
		chomp;
		if (/^# (\w+) (.*)/) {
			$self->told($1, $2);
		} elsif (/^(\d+)\s+(\d+\.\d+) (.*)/) {
			$self->{last} = $2;
			$self->line($1, $2, $3);
		}
	}
	return $self;
}

sub event { my $self = shift; push @{$self->{events}}, [@_] }

sub told {
	my ($self, $word, $rest) = @_;

	if ($word eq 'parent' || $word eq 'waker') {
		$self->{role}{$rest} = $word;
	} elsif ($word eq 'session') {
		my ($pid, $name) = split ' ', $rest;
		$self->session($pid, $name // '', 0);
	} elsif ($word eq 'record') {
		push @{$self->{records}}, [split /\t/, $rest, 5];
	} elsif ($word eq 'probe') {
		$self->probe(split ' ', $rest);
	} elsif ($word eq 'note') {
		my ($pid, $time, $text) = split ' ', $rest, 3;
		$self->event($time, $pid, $pid, $text);
	}
}

# From this time on the session pid has this name.
sub session {
	my ($self, $pid, $name, $time) = @_;

	$self->{role}{$pid} = 'session';
	$self->{name}{$pid} = $name if $name ne '';
	push @{$self->{sessions}}, [$pid, $name, $time];
}

# Whose name it was then.
sub session_named {
	my ($self, $name, $time) = @_;
	my ($pid, $born) = (undef, -1);

	for (@{$self->{sessions}}) {
		my ($candidate, $called, $since) = @$_;
		next if lc $called ne lc $name || $since > $time ||
		    $since < $born;
		($pid, $born) = ($candidate, $since);
	}
	return $pid;
}

# ---- what strace says ----

sub unescape {
	my ($text) = @_;
	my %letter = (n => "\n", t => "\t", r => "\r", '"' => '"',
	    '\\' => '\\');

	$text =~ s/\\(?:([ntr"\\])|x([0-9a-f]{2})|([0-7]{1,3}))/
	    defined $1 ? $letter{$1} : chr(defined $2 ? hex $2 : oct $3)/gex;
	return $text;
}

# The first line of what was read or written, and how many there are.
sub quote {
	my ($text) = @_;
	my @lines = split /\n/, unescape($text);

	my $first = @lines ? $lines[0] : '';
	$first =~ s/\t/ /g;
	$first =~ s/^\d{16} //;
	return qq{"$first"} . (@lines > 1 ?
	    sprintf(' and %d more', @lines - 1) : '');
}

sub line {
	my ($self, $pid, $time, $rest) = @_;

	if ($rest =~ /^(\w+)\((.*?)\s*<unfinished \.\.\.>$/) {
		$self->{unfinished}{$pid} = [$time, "$1($2"];
		$self->begins($pid, $time, $1);
		return;
	}
	if ($rest =~ /^<\.\.\. (\w+) resumed>\s*(.*)/) {
		my ($began, $call) = @{delete $self->{unfinished}{$pid} //
		    return};
		$self->call($pid, $began, $1, $call . $2, $time);
	} elsif ($rest =~ /^(\w+)\(.*?(?:<(\d+\.\d+)>)?$/) {
		my ($name, $took) = ($1, $2 // 0);
		$self->begins($pid, $time, $name);
		$self->call($pid, $time, $name, $rest, $time + $took);
	} elsif ($rest =~ /^\+\+\+ (killed by \w+|exited with \d+)/) {
		$self->event($time, $pid, $pid, $1);
		$self->{ends}{$pid} = $time;
		$self->sleeps($pid, $time);
		$self->probe($pid, $time, 'lock_release');
	}
}

# It sleeps in ppoll(2), or on the semaphore; else it is awake.
sub begins {
	my ($self, $pid, $time, $call) = @_;
	$self->sleeps($pid, $time) if $call eq 'ppoll';
}

sub sleeps {
	my ($self, $pid, $time) = @_;
	my $since = delete $self->{awake}{$pid};

	push @{$self->{spans}}, [$pid, 'awake', $since, $time]
	    if defined $since;
}

my %drawn = (
	clone => \&forked, clone3 => \&forked, fork => \&forked,
	read => \&client_said, recvfrom => \&client_said,
	write => \&wrote, sendto => \&wrote,
	kill => \&signalled, wait4 => \&reaped, futex => \&semaphore,
	ppoll => \&woken,
);

sub call {
	my ($self, $pid, $time, $name, $text, $end) = @_;

	my $draw = $drawn{$name};
	$self->$draw($pid, $time, $text, $end) if $draw;
}

sub forked {
	my ($self, $pid, $time, $text, $end) = @_;

	my ($child) = $text =~ /= (\d+)(?: |$)/ or return;
	$self->{role}{$pid} //= 'parent';
	$self->{role}{$child} //= 'session';
	$self->{awake}{$child} = $end;
	$self->{born}{$child} = $time;
	$self->event($time, $pid, $child, 'fork');
}

my $SOCKET = qr/<(?:socket|TCP|TCPv6|UNIX)[^>]*>/;

sub client_said {
	my ($self, $pid, $time, $text) = @_;

	return if ($self->{role}{$pid} // '') ne 'session';
	if ($text =~ /^\w+\(\d+$SOCKET, "(.*)"(?:\.\.\.)?, .* = [1-9]\d*/) {
		$self->event($time, "c$pid", $pid, quote($1));
	} elsif ($text =~ /^\w+\(\d+$SOCKET, "", .* = 0/) {
		$self->event($time, "c$pid", $pid, 'end of file');
	}
}

sub wrote {
	my ($self, $pid, $time, $text) = @_;

	my ($fd, $what, $bytes) = $text =~ /^\w+\((\d+)<([^>]*)>, "(.*?)"\.*, /
	    or return;
	if ($bytes =~ /chatserv: (.*?)(?:\\n)?$/ && $fd <= 9 &&
	    ($fd == 2 || $bytes =~ /pid \d+: /)) {
		$self->logged($pid, $time, unescape($1));
	} elsif ($fd > 2 && "<$what>" =~ /^$SOCKET$/ &&
	    ($self->{role}{$pid} // '') eq 'session') {
		$self->event($time, $pid, "c$pid", quote($bytes));
	}
}

sub logged {
	my ($self, $pid, $time, $line) = @_;

	# The log comes after the record.
	if ($line =~ /pid (\d+): joined as (\S+)/) {
		$self->session($1, $2, $self->{born}{$1} // 0);
	} elsif ($line =~ /pid (\d+): \S+ is now (\S+)/) {
		$self->session($1, $2, $time - 1);
	} elsif ($line =~ /: ([^:]*(?:recovered|killed|stopped|lapped).*)/) {
		$self->event($time, $pid, $pid, "log: $1");
	}
}

sub signalled {
	my ($self, $pid, $time, $text) = @_;

	my ($to, $signal) = $text =~ /^kill\((\d+), SIG(\w+)/ or return;
	$self->event($time, $pid, $to, "SIG$signal");
}

sub reaped {
	my ($self, $pid, $time, $text) = @_;

	my ($child) = $text =~ /= ([1-9]\d*)(?: |$)/ or return;
	$self->event($time, $pid, $pid, 'waitpid: ' . $self->label($child))
	    if $text !~ /WIFSTOPPED/;
}

sub semaphore {
	my ($self, $pid, $time, $text, $end) = @_;

	if ($text =~ /FUTEX_WAIT/) {
		$self->event($time, $pid, $pid, 'sleeps on the semaphore');
		$self->sleeps($pid, $time);
		$self->{awake}{$pid} = $end;
	} elsif ($text =~ /FUTEX_WAKE/) {
		$self->event($time, $pid, $pid, 'posts the semaphore');
	}
}

sub woken {
	my ($self, $pid, $time, $text, $end) = @_;
	$self->{awake}{$pid} = $end;
}

# ---- what uprobes say ----

sub probe {
	my ($self, $pid, $time, $function) = @_;

	if ($function eq 'lock_acquired') {
		$self->{locked}{$pid} = $time;
	} elsif ($function eq 'lock_release') {
		my $since = delete $self->{locked}{$pid} // return;
		push @{$self->{spans}}, [$pid, 'lock', $since, $time];
	}
}

# ---- the diagram ----

sub label {
	my ($self, $pid) = @_;
	my $role = $self->{role}{$pid} // 'pid';

	return $role if $role eq 'parent' || $role eq 'waker';
	return defined $self->{name}{$pid} ? "session of $self->{name}{$pid}" :
	    "$role $pid";
}

# Who has appended a record: the parent, for those that could not themselves.
sub publisher {
	my ($self, $time, $kind, $name, $text) = @_;
	my ($parent) = grep { $self->{role}{$_} eq 'parent' }
	    keys %{$self->{role}};

	return $parent if $kind eq 'leave' && $text =~ /^(?:killed|timed out)/;
	return $self->session_named($name, $time) // $parent;
}

sub append {
	my ($self, $id, $number, $kind, $name, $text) = @_;
	my $time = substr($id, 0, -6) . '.' . substr($id, -6);

	return if !@{$self->{events}} || $time < $self->{events}[0][0] ||
	    $time > $self->{last};
	my $who = $self->publisher($time, $kind, $name, $text) // return;
	my $what = $kind eq 'msg' ? "<$name> $text" :
	    $kind eq 'me' ? "* $name $text" : "$kind $name";
	$self->event($time, $who, 'ring', "append $number: $what");
}

# Parent and waker, then the ring between the first client and the others.
sub lifelines {
	my ($self, $d) = @_;
	my (@pids, %seen);
	my $ring = 0;

	for my $pid (map { @$_[1, 2] } @{$self->{events}}) {
		next if $pid !~ /^\d+$/ || $seen{$pid}++;
		push @pids, $pid;
	}
	for my $role (qw(parent waker)) {
		$d->lifeline($_, $self->label($_)) for
		    grep { ($self->{role}{$_} // '') eq $role } @pids;
	}
	my @sessions = sort { ($self->{born}{$a} // 0) <=>
	    ($self->{born}{$b} // 0) || $a <=> $b } grep {
	    ($self->{role}{$_} // '') !~ /^(?:parent|waker)$/ } @pids;
	for my $pid (@sessions) {
		my @client = ("c$pid", $self->{name}{$pid} // "client $pid",
		    round => 1);
		$d->lifeline(@client) if !$ring;
		$d->lifeline($pid, $self->label($pid));
		$d->lifeline(@client) if $ring;
		$d->lifeline('ring', 'ring') if !$ring++;
	}
	$d->lifeline('ring', 'ring') if !$ring;
}

sub diagram {
	my ($self) = @_;
	my $d = Diagram->new;

	for my $pid (keys %{$self->{awake}}) {
		$self->sleeps($pid, $self->{last});
	}
	# By time, so that the first is the first.
	$self->{events} = [sort { $a->[0] <=> $b->[0] } @{$self->{events}}];
	$self->append(@$_) for @{$self->{records}};
	$self->lifelines($d);
	$d->event(@$_) for @{$self->{events}};
	$d->span(@$_) for @{$self->{spans}};
	$d->ends($_, $self->{ends}{$_}) for keys %{$self->{ends}};
	return $d;
}

1;
