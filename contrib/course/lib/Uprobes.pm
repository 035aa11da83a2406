# When the lock is acquired and released, from the kernel's uprobes.
#
# A function of a running program is a place in its file, at which the kernel
# writes a line to its own ring buffer, unnoticed by the program.  This is for
# root, with tracefs(5) mounted:
#
#	mount -t tracefs nodev /sys/kernel/tracing

package Uprobes;

use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC CLOCK_REALTIME);

# By the name of an event: of a call (p) or return (r) of which function.
my %EVENTS = (lock_acquired => ['r', 'lock_acquire'],
    lock_release => ['p', 'lock_release']);

sub write_to {
	my ($file, $text, $append) = @_;

	open my $fh, $append ? '>>' : '>', $file or return;
	syswrite $fh, "$text\n" or return;
	return close $fh;
}

# Where in the file these functions are.
sub places {
	my ($program, @functions) = @_;
	my (@segments, %place);

	for (`readelf -lW $program 2>/dev/null`) {
		push @segments, [map {hex} $1, $2, $3]
		    if /^\s*LOAD\s+(\w+) (\w+) \w+ (\w+)/;
	}
	for (`readelf -sW $program 2>/dev/null`) {
		my ($at, $name) = /^\s*\d+: ([0-9a-f]+) .* FUNC .* (\w+)$/
		    or next;
		next if !grep { $_ eq $name } @functions;
		for my $segment (@segments) {
			my ($offset, $address, $size) = @$segment;
			$place{$name} = hex($at) - $address + $offset
			    if hex($at) >= $address &&
			    hex($at) < $address + $size;
		}
	}
	return %place;
}

# Why there are none, or nothing.
sub prepare {
	my ($self, $program) = @_;
	my ($tracing) = grep { -w "$_/uprobe_events" } '/sys/kernel/tracing',
	    '/sys/kernel/debug/tracing';

	return 'tracefs is not mounted, or not for you' if !$tracing;
	my %place = places($program, map { $_->[1] } values %EVENTS);
	my $path = readlink $program;
	$self->{tracing} = $tracing;
	$self->{group} = "chattrace_$$";
	$self->{instance} = "$tracing/instances/chattrace_$$";
	mkdir $self->{instance} or return "$self->{instance}: $!";
	for my $event (sort keys %EVENTS) {
		my ($kind, $function) = @{$EVENTS{$event}};
		my $place = $place{$function} //
		    return "$function is not found in $path";
		write_to("$tracing/uprobe_events", sprintf('%s:%s/%s %s:0x%x',
		    $kind, $self->{group}, $event, $path, $place), 1) or
		    return "uprobe_events: $!";
		$self->{made}{$event} = 1;
	}
	write_to("$self->{instance}/trace_clock", 'mono');
	write_to("$self->{instance}/events/$self->{group}/enable", 1) or
	    return "cannot begin: $!";
	return;
}

# Begin; without uprobes say so, and go on.
sub new {
	my ($class, $program) = @_;
	my $self = bless { made => {} }, $class;

	my $why = $self->prepare($program);
	if (defined $why) {
		print STDERR "chattrace: the lock is not recorded: $why\n";
		$self->end;
	}
	return $self;
}

# From the one clock to the other: the best of some tries, since each may be
# interrupted.
sub shift_of_clocks {
	my ($shift, $least);

	for (1 .. 100) {
		my $before = clock_gettime(CLOCK_MONOTONIC);
		my $now = clock_gettime(CLOCK_REALTIME);
		my $took = clock_gettime(CLOCK_MONOTONIC) - $before;
		next if defined $least && $took >= $least;
		($shift, $least) = ($now - $before - $took / 2, $took);
	}
	return $shift;
}

# End, and remove them; the lines PID TIME EVENT.
sub end {
	my ($self) = @_;
	my @found;

	return if $self->{over}++ || !$self->{instance};
	my $shift = shift_of_clocks();
	my $events = "$self->{instance}/events/$self->{group}/enable";
	write_to($events, 0) if -e $events;
	if (open my $fh, '<', "$self->{instance}/trace") {
		while (<$fh>) {
			push @found, sprintf '%d %.6f %s', $1, $2 + $shift, $3
			    if /-(\d+)\s+\[\d+\].*?\s(\d+\.\d+): (\w+): /;
		}
		close $fh;
	}
	write_to("$self->{tracing}/uprobe_events", "-:$self->{group}/$_", 1)
	    for keys %{$self->{made}};
	rmdir $self->{instance} or
	    print STDERR "chattrace: cannot remove $self->{instance}: $!\n";
	return @found;
}

sub DESTROY { $_[0]->end }

1;
