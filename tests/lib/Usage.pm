# What a room uses: processes, descriptors, memory, shared objects.
#
# Measure it while the room is empty, before and after; a room that returned
# everything uses the same.

package Usage;

use strict;
use warnings;
use List::Util qw(sum0);
use Room;
use Test::More ();
use Wait;

my $MORE = 64;		# KiB that a process may have more of its own: a page
			# that it had not used before, in each mapping

# The private memory of a process, in KiB.
sub memory {
	my ($pid) = @_;

	open my $smaps, '<', "/proc/$pid/smaps_rollup" or return 0;
	return sum0 map { /^Pss_Anon:\s+(\d+)/ } <$smaps>;
}

sub now {
	my ($room) = @_;
	my @family = $room->family;

	return {
		processes => scalar(grep { $_->{state} !~ /^Z/ } @family),
		zombies => scalar(grep { $_->{state} =~ /^Z/ } @family),
		descriptors => scalar(map { glob "/proc/$_->{pid}/fd/*" }
		    @family),
		memory => sum0(map { memory($_->{pid}) } @family),
		shared => join(' ', map { $_ . ' ' . (-s $_) }
		    $room->shared_objects),
	};
}

# Measures it when a first guest has left, so that everything is set up.
sub start {
	my ($class, $room) = @_;

	$room->enter('warm')->say('!quit')->rest;
	my $self = bless { room => $room }, $class;
	Wait::until_true(sub {
		my @children = $room->children;
		return @children == 1 && $children[0]{title} =~ /\bwaker\b/;
	}, 0.05) or die "a first guest stays\n";
	$self->{before} = now($room);
	return $self;
}

# Tests that it is as before, now that all have left.
sub unchanged {
	my ($self, $name) = @_;
	my ($before, $after) = ($self->{before});

	my $same = Wait::until_true(sub {
		$after = now($self->{room});
		return $after->{memory} <= $before->{memory} + $MORE &&
		    !grep { $after->{$_} ne $before->{$_} }
		    qw(processes zombies descriptors shared);
	}, 0.1);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::ok($same, $name // 'processes, zombies, descriptors, '
	    . 'memory and shared objects are as many as before');
	Test::More::note(join ', ', map {
		"$_ $before->{$_} before, $after->{$_} after"
	} grep { $_ ne 'shared' } sort keys %$after);
	return $same;
}

1;
