# What a room has: processes, descriptors, memory, shared objects.
#
# To be taken when nobody is in the room, before and after; a room that gave
# back everything has the same.

package Books;

use strict;
use warnings;
use List::Util qw(sum0);
use Room;
use Test::More ();
use Wait;

my $MORE = 64;		# KiB that a process may have more of its own: a page
			# that it had not touched before, in each mapping

# The memory of a process that nobody else has, in KiB.
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

# Before: when a first guest has come and gone, and all is warm.
sub open {
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

# A test: now that all have gone, it is as before.
sub balance {
	my ($self, $name) = @_;
	my ($before, $after) = ($self->{before});

	my $even = Wait::until_true(sub {
		$after = now($self->{room});
		return $after->{memory} <= $before->{memory} + $MORE &&
		    !grep { $after->{$_} ne $before->{$_} }
		    qw(processes zombies descriptors shared);
	}, 0.1);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::ok($even, $name // 'processes, zombies, descriptors, '
	    . 'memory and shared objects are as many as before');
	Test::More::note(join ', ', map {
		"$_ $before->{$_} before, $after->{$_} after"
	} grep { $_ ne 'shared' } sort keys %$after);
	return $even;
}

1;
