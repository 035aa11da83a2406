# The examples of a manual, to be run as they stand.

package Manual;

use strict;
use warnings;

# The commands (after "$ ") and other literal lines of a manual's EXAMPLES.
sub examples {
	my ($path) = @_;
	my (@found, $within);

	open my $manual, '<', $path or die "$path: $!\n";
	while (<$manual>) {
		$within = /EXAMPLES/ if /^\.Sh/;
		next if !$within || !/^\.Dl (.*)/;
		my $line = $1;
		$line =~ s/\\\(dq/"/g;
		$line =~ s/\\e/\\/g;
		push @found, $line;
	}
	return @found;
}

# The one example that matches, with some of its words replaced.
sub example {
	my ($path, $wanted, %instead) = @_;

	my @found = grep { $_ =~ $wanted } examples($path);
	die "$path: not one example of $wanted\n" if @found != 1;
	my $line = $found[0] =~ s/^\$ //r;
	for my $word (sort { length $b <=> length $a } keys %instead) {
		$line =~ s/\Q$word\E/$instead{$word}/g or
		    die "$path: no $word in $line\n";
	}
	return $line;
}

1;
