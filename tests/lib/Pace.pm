# Somebody who speaks at an even pace in the room of one host, and an ear in
# the rooms of this and of others: when each line came, and whether it came
# once and in order.  Also a file, piped from one room to another.

package Pace;

use strict;
use warnings;
use Chatc;
use File::Temp;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
use Wait;

my $files = 0;
my $LINE = 64;		# bytes of each line, as elsewhere in the bench

sub now { return clock_gettime(CLOCK_MONOTONIC) }

# The first host is the speaker's; rate is in lines a second.
sub start {
	my ($class, $hosts, $rate, @names) = @_;
	my $self = bless { rate => $rate, said => [], home => $names[0] },
	    $class;

	for my $host (@names) {
		$self->{ear}{$host} = bless $hosts->enter($host, 'ear'),
		    'Pace::Ear';
		@{ $self->{ear}{$host} }{qw(came odd)} = ([], 0);
	}
	$self->{mouth} = bless $hosts->enter($names[0], 'pace'),
	    'Pace::Mouth';
	return $self;
}

sub pad { my ($text) = @_; return $text . 'x' x ($LINE - length $text) }

sub say_line {
	my ($self) = @_;

	push @{ $self->{said} }, now();
	$self->{mouth}->say(pad($#{ $self->{said} } . ' '));
}

# Speak for some seconds, whether or not the lines arrive, and return a span:
# the first line's number and the last's.
sub speak {
	my ($self, $seconds) = @_;
	my ($first, $began) = (scalar @{ $self->{said} }, now());
	my $lines = int $seconds * $self->{rate};

	for my $n (1 .. $lines) {
		$self->say_line;
		my $due = $began + $n / $self->{rate};
		while ((my $left = $due - now()) > 0) {
			Wait::pump($left);
		}
	}
	return [$first, $first + $lines - 1];
}

# Wait until the ears have all lines of a span, for $Wait::LIMIT seconds at
# most; return how many seconds that took.
sub settle {
	my ($self, $span) = @_;
	my $began = now();

	Wait::until_true(sub {
		!grep { $#{ $_->{came} } < $span->[1] }
		    values %{ $self->{ear} };
	}) or die "lines are missing: " . join(', ', map {
		"$_ has $#{ $self->{ear}{$_}{came} } of $span->[1]"
	} sort keys %{ $self->{ear} }) . "\n";
	return now() - $began;
}

# The lines that came doubled, or not in order, or after lost ones.
sub odd {
	my ($self) = @_;
	my $n = 0;

	$n += $_->{odd} for values %{ $self->{ear} };
	return $n;
}

# The times in ms from saying to hearing the lines of a span, sorted.
sub times {
	my ($self, $host, $span) = @_;
	my ($said, $came) = ($self->{said}, $self->{ear}{$host}{came});

	return sort { $a <=> $b } map { ($came->[$_] - $said->[$_]) * 1e3 }
	    $span->[0] .. $span->[1];
}

sub part {
	my ($part, @sorted) = @_;
	return $sorted[$part * $#sorted + 0.5];
}

# Some nodes of the engine are gone for so many seconds, by this signal, while
# somebody speaks.  Returns a hash:
#	before, during	the times in ms in the speaker's own room, sorted
#	gap	the longest time in s that a line took to another room
#	healed	the time in s until all lines are everywhere, from the return
#		of the nodes; if it can, the engine goes on without them before
sub outage {
	my ($self, $hosts, $signal, $seconds, @nodes) = @_;
	my $works = 2 * @nodes < $hosts->{copies};
	my %what;

	my $before = $self->speak($seconds);
	$self->settle($before);
	$hosts->take_nodes($signal, @nodes);
	my $during = $self->speak($seconds);
	$self->settle($during) if $works;
	my $back = now();
	$hosts->return_nodes($signal, @nodes);
	$self->settle($during);
	$what{healed} = now() - $back;
	$what{before} = [$self->times($self->{home}, $before)];
	$what{during} = [$self->times($self->{home}, $during)];
	my ($other) = grep { $_ ne $self->{home} } keys %{ $self->{ear} };
	$what{gap} = ($self->times($other, $during))[-1] / 1e3;
	return \%what;
}

sub stop {
	my ($self) = @_;
	$_->close for $self->{mouth}, values %{ $self->{ear} };
}

# A file of so many lines is piped through chatc into the first host's room, and
# out of the second's.  Returns the lines a second; dies unless all lines come,
# in order.
sub file {
	my ($hosts, $lines, $from, $to) = @_;
	my @names = map { $_ . ++$files } qw(file ear);
	my ($in, $out) = (File::Temp->new, File::Temp->new);

	print $in pad("line $_ "), "\n" for 1 .. $lines;
	print $in "the end of $names[0]\n";
	$in->flush;
	my $ear = Chatc->start(out => "$out", '--', '-u', $hosts->path($to),
	    '-dq', '-n', $names[1], '-m', "^the end of $names[0]", '-w',
	    $Wait::LIMIT);
	$hosts->room($to)->expect_log(qr/joined as $names[1]\n/);
	my $began = now();
	my $mouth = Chatc->start(in => "$in", out => '/dev/null', '--', '-u',
	    $hosts->path($from), '-n', $names[0]);
	$_->status == 0 or die "chatc has failed\n" for $mouth, $ear;
	my $took = now() - $began;
	my $next = 1;
	while (<$out>) {
		next if !/> line (\d+)/;
		die "line $1 comes instead of $next\n" if $1 != $next++;
	}
	die 'line ' . ($next - 1) . " is the last\n" if $next != $lines + 1;
	return $lines / $took;
}

package Pace::Ear;

our @ISA = 'Client';

sub take {
	my ($self) = @_;

	$self->SUPER::take;
	my $now = Pace::now();
	while ($self->{in} =~ /\G(.*)\n/gc) {
		my ($n) = $1 =~ m{^\d+\tmsg\tpace(?:/\w+)?\t(\d+) } or next;
		if ($n == @{ $self->{came} }) {
			push @{ $self->{came} }, $now;
		} else {
			$self->{odd}++;
			$self->{came}[$n] //= $now;
		}
	}
	substr($self->{in}, 0, pos $self->{in} // 0) = '';
}

# Reads what the room shows, and ignores it.
package Pace::Mouth;

our @ISA = 'Client';

sub take {
	my ($self) = @_;

	$self->SUPER::take;
	$self->{in} = '';
}

1;
