# The table of the labs, and which fault a student gets.

package Labs;

use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use lib 'tests/lib';
use Fault;

my $table = 'contrib/course/labs/table';

# All labs, in order, as hashes of the columns of the table.
sub all {
	my @labs;

	open my $fh, '<', $table or die "$table: $!\n";
	while (<$fh>) {
		next if /^#/;
		chomp;
		my ($number, $name, $faults, $other, $rung, $checks) =
		    split /\t/;
		my @wide = $faults =~ /(\S+)\+/g;
		push @labs, { number => $number, name => $name,
		    faults => [split / /, $faults =~ tr/+//dr],
		    wide => { map { $_ => 1 } @wide },
		    other => $other eq '-' ? undef : $other,
		    rung => $rung eq '-' ? undef : $rung,
		    checks => [grep { $_ ne '-' } split / /, $checks] };
	}
	close $fh;
	return @labs;
}

sub named {
	my ($number) = @_;
	my ($lab) = grep { $_->{number} eq $number || $_->{name} eq $number }
	    all();

	return $lab // die "there is no lab $number\n";
}

# The page for the student.
sub page {
	my ($lab) = @_;
	return sprintf 'contrib/course/labs/%02d-%s', @$lab{qw(number name)};
}

# The name of the fault that this student has to find: by the secret that the
# teacher alone knows, nobody else can tell whose fault is whose.
sub fault_of {
	my ($lab, $student, $secret) = @_;
	my @faults = @{$lab->{faults}};
	my $digest = sha256_hex("$secret $lab->{number} $student");

	return $faults[hex(substr $digest, 0, 8) % @faults];
}

1;
