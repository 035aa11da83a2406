# The list of tests/promises: what users rely on, each with the test that
# checks it, and a fault under which that fails.  The list's head says how it
# is written.

package Promise;

use strict;
use warnings;
use Files qw(slurp spew);

my $LIST = 'tests/promises/list';

sub all {
	my ($class) = @_;

	open my $fh, '<', $LIST or die "$LIST: $!\n";
	local $/;
	my $text = <$fh>;
	$text =~ s/^#.*\n//mg;
	return map { $class->new($_) } grep {/\S/} split /\n\n+/, $text;
}

sub new {
	my ($class, $text) = @_;
	my ($what, $test, $fails, @places) = $text =~
	    /\A\s*(.*?)\nTest: ([^:\s]+): ?(.*?)\n(In: .*)\z/s or
	    die "$LIST: no promise, test and place:\n$text\n";
	my @hunks;

	for my $place (split /^(?=In: )/m, $places[0]) {
		my ($file, $lines) = $place =~ /\AIn: (\S+)\n(.*)\z/s or
		    die "$LIST: no file and lines:\n$place\n";
		my (@old, @new);
		for (split /\n/, $lines) {
			/^([-+ ])(.*)/s or die "$LIST: no line: $_\n";
			push @old, "$2\n" if $1 ne '+';
			push @new, "$2\n" if $1 ne '-';
		}
		push @hunks, [$file, join('', @old), join('', @new)];
	}
	return bless { what => $what =~ s/\s+/ /gr, test => $test,
	    fails => $fails, hunks => \@hunks }, $class;
}

sub what { $_[0]{what} }
sub test { $_[0]{test} }

# The assertion that fails or, where the test dies, its last words; or as much
# of these as is always the same.
sub fails { $_[0]{fails} }

# The text with the new lines for the old ones; undef if these do not stand
# there exactly once.
sub changed {
	my ($text, $old, $new) = @_;

	my $at = index "\n$text", "\n$old";
	return if $at < 0 || index("\n$text", "\n$old", $at + 1) >= 0;
	substr $text, $at, length $old, $new;
	return $text;
}

# What does not fit this tree; nothing if all does.
sub misfit {
	my ($self) = @_;

	for my $hunk (@{ $self->{hunks} }) {
		my ($file, $old, $new) = @$hunk;
		return "$file does not have exactly once:\n$old"
		    if !-e $file || !defined changed(slurp($file), $old, $new);
	}
	return '';
}

# Put the fault into that tree (of Tree.pm); returns code that takes it out.
sub break {
	my ($self, $tree) = @_;
	my %was;

	for my $hunk (@{ $self->{hunks} }) {
		my ($file, $old, $new) = @$hunk;
		my $path = $tree->dir . "/$file";
		my $text = slurp($path);
		$was{$path} //= $text;
		spew($path, changed($text, $old, $new) //
		    die "$file does not fit\n");
	}
	return sub { spew($_, $was{$_}) for keys %was };
}

1;
