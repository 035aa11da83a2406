# Whole files: to read and to write them.

package Files;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(slurp slurp_if_any spew);

# The text of a file, which must be there.
sub slurp {
	my ($path) = @_;

	open my $fh, '<', $path or die "$path: $!\n";
	local $/;
	return scalar <$fh>;
}

# The text of a file, or '' if it cannot be opened.
sub slurp_if_any {
	my ($path) = @_;

	open my $fh, '<', $path or return '';
	local $/;
	return scalar <$fh>;
}

sub spew {
	my ($path, $text) = @_;

	open my $fh, '>', $path or die "$path: $!\n";
	print $fh $text;
	close $fh or die "$path: $!\n";
}

1;
