#!/usr/bin/env perl
#
# A sample of the mutants that tests/mutants/results.tsv calls caught still is:
# $MUTANTS_N (4) sites of each folder, chosen by $MUTANTS_SEED.

use strict;
use warnings;
use File::Temp;
use Test::More;

my $n = $ENV{MUTANTS_N} // 4;
my $seed = $ENV{MUTANTS_SEED} // 1;

# The outcomes by the key of a mutant.
sub outcomes {
	my ($file) = @_;
	my %outcome;

	open my $fh, '<', $file or die "$file: $!\n";
	while (<$fh>) {
		chomp;
		my ($outcome, $test, $file, $line, @id) = split /\t/;
		$outcome{"@id"} = $outcome;
	}
	return %outcome;
}

my $caught = qr/^(?:fails|waits|does not end)$/;
my $make = $ENV{MAKE} // 'make';
my $dir = File::Temp->newdir;
my $out = `$make -s mutants SEED=$seed N=$n RESULTS=$dir/results.tsv 2>&1`;
is($?, 0, 'mutants can be made, built and tried') or diag($out);
note $out;
my %before = outcomes('tests/mutants/results.tsv');
my %after = outcomes("$dir/results.tsv");
cmp_ok(scalar(keys %after), '>=', $n, 'as many as were asked for');
cmp_ok(scalar(grep { $after{$_} =~ $caught } keys %after), '>=',
    (keys %after) / 2, 'most are caught');
is(join("\n", grep { $after{$_} !~ $caught &&
    ($before{$_} // '') =~ $caught } sort keys %after), '',
    'and all that were caught before');
done_testing();
