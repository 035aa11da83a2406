# Turns a schedule of tests/schedule into a diagram: what the processes do to
# the words of the shared segment.
#
# The words stand together as one lifeline.  A store is an arrow to it, a load
# one from it.  The copying of the ring's bytes is one event for all words, and
# a load that tells its process nothing new is left out.

package Steps;

use strict;
use warnings;
use Diagram;

my $COLUMNS = qr/^\s*(\d+)  (\S.{15}) (.{26}) (.{26}) (.*)$/;

sub is_header {
	my ($line) = @_;
	return $line =~ /^ step  process +where +object +what$/;
}

# What an object is to a reader.
sub object {
	my ($text) = @_;

	$text =~ s/\s+$//;
	return 'bytes of the ring' if $text =~ /^(?:src|dst|place\()/;
	$text =~ s/^&//;
	$text =~ s/^(?:\w+->segment|p|s|m)->//;
	$text =~ s/^\w+->(?=slot|sleepers|blocked|hash)//;
	return $text;
}

sub add {
	my ($d, $step, $id, $object, $what) = @_;
	my ($how, $order, $value) =
	    $what =~ /^(load|store|exchange|[-+|&=]) (\w+): (.*)/;
	$value = "$how $value" if defined $how && $how =~ /^[-+|&]/;
	$value = 'some words' if $object eq 'bytes of the ring';

	$d->event($step, $id, $id, $what), return
	    if !defined $how && $object eq '';
	my $text = defined $how ? "$object: $value" : "$object $what";
	$text .= " ($order)" if defined $order && $order ne 'seq_cst';
	$d->event($step, ($how // '') eq 'load' ? ('memory', $id) :
	    ($id, 'memory'), $text, dashed => ($how // '') eq 'load');
}

# Whether the process of this step knew what it loads.
sub tells_nothing {
	my ($known, $who, $object, $what) = @_;

	my $before = $known->{$who}{''} // '';
	$known->{$who}{''} = $object;
	my ($how, $value) = $what =~ /^(\S+) \w+: (\d+)/ or return;
	return if $object eq 'bytes of the ring';
	# That nothing is new is what matters of head before a process sleeps.
	return $how eq 'load' && $before eq $object if $object eq 'head';
	my $last = $known->{$who}{$object};
	$known->{$who}{$object} = $how =~ /^(?:load|store|=)$/ ? $value :
	    undef;
	return $how eq 'load' && defined $last && $last eq $value;
}

sub diagram {
	my (@lines) = @_;
	my $d = Diagram->new;
	my (%id, %known, @steps);

	$d->{untimed} = 1;
	for (@lines) {
		chomp;
		my ($step, $who, $where, $object, $what) = /$COLUMNS/ or next;
		s/\s+$// for $who, $where;
		$object = object($object);
		next if $what =~ /^fence acquire/ ||
		    tells_nothing(\%known, $who, $object, $what);
		my $last = $steps[-1];
		if ($last && $object eq 'bytes of the ring' && $last->[2] eq
		    $object && $last->[1] eq $who &&
		    substr($last->[3], 0, 4) eq substr($what, 0, 4)) {
			next;
		}
		push @steps, [$step, $who, $object, $what];
	}
	for my $who (map { $_->[1] } @steps) {
		next if defined $id{$who};
		$id{$who} = $who eq '-' ? 'clock' : 'P' . keys %id;
		$d->lifeline($id{$who}, $who eq '-' ? 'clock' : $who);
		$d->lifeline('memory', 'shared memory') if keys %id == 1;
	}
	add($d, $_->[0], $id{$_->[1]}, @$_[2, 3]) for @steps;
	return $d;
}

1;
