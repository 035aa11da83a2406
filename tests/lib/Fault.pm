# The patches of tests/faults, each of which puts one fault into this tree.
#
# Before its first file, a patch has a head: a paragraph that says what is
# wrong, and then, each after a word with a colon, its symptom (Symptom), how to
# see it (Command), other programs that had it (Like), its lab of contrib/course
# (Lab), and for each test that it makes fail, the assertion that does (Test:
# FILE: ASSERTION).
#
# The patches of the same name in two folders are variants for the same tree:
# one of tests/faults/wide shows the fault more often, because its race window
# is wide; one of tests/faults/control has no fault, only the same delay, or
# another harmless change in the same place.  Its head may name tests in which
# that delay would never end (Without: FILE: WHY).

package Fault;

use strict;
use warnings;
use Tree;

sub new {
	my ($class, $file) = @_;

	open my $fh, '<', $file or die "$file: $!\n";
	my ($head) = join('', <$fh>) =~ /\A(.*?)^--- /ms;
	my ($name) = $file =~ m{([^/]+)\.patch$};
	return bless { file => $file, name => $name, head => $head }, $class;
}

sub all {
	my ($class) = @_;
	return map { $class->new($_) } sort glob 'tests/faults/*.patch';
}

# By its number, its name, or both.
sub named {
	my ($class, $name) = @_;

	my ($fault) = grep {
		my ($number, $rest) = $_->name =~ /^0*(\d+)-(.*)/;
		$name eq $_->name || $name eq $rest ||
		    $name =~ /^\d+$/ && $name == $number;
	} $class->all;
	return $fault // die "there is no fault $name\n";
}

# Its variant of this kind, "wide" or "control"; undef if there is none.
sub variant {
	my ($self, $kind) = @_;

	my $file = "tests/faults/$kind/$self->{name}.patch";
	return -e $file ? Fault->new($file) : undef;
}

sub name { $_[0]{name} }

# What is wrong, or what else a variant changes.
sub what {
	my ($self) = @_;
	return $self->{head} =~ s/\n\n.*/\n/sr;
}

# What the head says after this word and a colon, in one line.
sub says {
	my ($self, $word) = @_;

	my ($text) = $self->{head} =~ /^\Q$word\E: (.*(?:\n(?!\w+: ).+)*)/m;
	return defined $text ? $text =~ s/\s+/ /gr : '';
}

# The tests that it makes fail, and a test's assertion that fails.
sub tests {
	my ($self) = @_;
	return $self->{head} =~ /^Test: ([^:\s]+)/mg;
}

# The tests that pass with its control: those that it makes fail, wide or not,
# except those that the control's head excludes.
sub control_tests {
	my ($self) = @_;

	my ($wide, $control) = map { $self->variant($_) } qw(wide control);
	my %tests = map { $_ => 1 } $self->tests, $wide ? $wide->tests : ();
	delete @tests{$control->{head} =~ /^Without: ([^:\s]+)/mg} if $control;
	return sort keys %tests;
}

sub assertion {
	my ($self, $test) = @_;

	my ($text) = $self->{head} =~ /^Test: \Q$test\E: (.*)/m;
	return $text;
}

# What patch(1) says if it cannot place it exactly in this tree, or in another,
# as that is now; if it can, nothing.
sub misfit {
	my ($self, $tree) = @_;

	my ($status, $said) = ($tree // Tree->at('.'))->run('sh', '-c',
	    "patch -p1 -F0 --dry-run <$self->{file}");
	return $status == 0 ? '' : $said;
}

# A test's outcome (from Tree::test()) with this fault: "fails" only if it does
# so at its assertion.
sub verdict {
	my ($self, $test, $result, $out) = @_;

	my $text = $self->assertion($test);
	return $result if $result ne 'fails' || !defined $text;
	return 'fails' if grep { index($_, $text) >= 0 }
	    grep { !/^\s*ok\b/ } split /\n/, $out;
	return "fails, but not at \"$text\"";
}

sub put_into {
	my ($self, $tree) = @_;

	my ($status, $out) = $tree->run('sh', '-c',
	    "patch -s -p1 -F0 <$self->{file}");
	die "$self->{file} does not apply:\n$out" if $status != 0;
}

1;
