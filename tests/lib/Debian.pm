# The lists of contrib/packages/debian, which say which package takes which of
# the installed files; dpkg-buildpackage fails where they do not agree.

package Debian;

use strict;
use warnings;

# How the lists of these packages and these files, installed with
# PREFIX=/usr, disagree; nothing if they do not.
sub disagreements {
	my ($packages, @files) = @_;
	my (%taken, @missing);

	for my $package (@$packages) {
		my $list = "contrib/packages/debian/$package.install";
		open my $fh, '<', $list or die "$list: $!\n";
		while (<$fh>) {
			my ($path) = split;
			# A folder is taken with all that it has.
			my @found = grep {m{\A/\Q$path\E(?:/|\z)}} @files;
			@taken{@found} = ();
			push @missing, "$package wants $path" if !@found;
		}
	}
	return (@missing, map {"nobody takes $_"}
	    grep { !exists $taken{$_} } @files);
}

1;
