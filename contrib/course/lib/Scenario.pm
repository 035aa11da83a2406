# Runs a handed-in scenario of tests/schedule under the scheduler: its own
# oracle must find a fault, and nothing where there is none.

package Scenario;

use strict;
use warnings;
use lib 'contrib/course/lib', 'tests/lib';
use Sandbox;
use Tree;
use Verdict;

my $SECONDS = 10;	# of processor time, for a search
my $FEW = 500;		# schedules: fewer are no search

sub edit {
	my ($file, $code) = @_;

	local $_ = do {
		local (@ARGV, $/) = $file;
		<>;
	};
	$code->();
	open my $fh, '>', $file or die "$file: $!\n";
	print $fh $_;
	close $fh or die "$file: $!\n";
}

# The scheduler with this scenario, in a tree with this fault or none.
sub build {
	my ($source, $fault) = @_;
	my $tree = Tree->copy;
	my $dir = $tree->dir . '/tests/schedule';

	$fault->put_into($tree) if $fault;
	system('cp', $source, "$dir/scenario_handed.c") == 0 or
	    die "cannot copy $source\n";
	edit("$dir/scenario.h", sub {
		s/(scenario_own,)/$1 scenario_handed,/;
	});
	edit("$dir/scenario.c", sub {
		s/(scenarios\[\] = \{\n)/$1\t&scenario_handed,\n/;
	});
	my ($status, $out) = $tree->run('tests/schedule/build.sh', '.',
	    'tests/schedule/schedule');
	die "scenario.c does not build without a warning:\n$out"
	    if $status != 0 || $out ne '';
	return $tree;
}

# What it finds: '' or the words of its oracle; or die of what is wrong.
sub search {
	my ($tree, $limit) = @_;	# seconds that it may take
	my $box = Sandbox->new;

	system('cp', $tree->dir . '/tests/schedule/schedule', $box->dir) == 0
	    or die "cannot copy the scheduler\n";
	$box->start('./schedule', '-t', $SECONDS, '-s', 1 + int rand 1e6,
	    'handed');
	my $status = $box->status($limit);
	my $out = $box->printed('out');
	$box->end;
	die "it does not end: a time-out scores nothing\n" if !defined $status;
	die "it was killed by signal @{[$status & 127]}\n" if $status & 127;
	my ($found) = $out =~ /^handed: seed \d+: (.*)/m;
	my ($schedules) = $out =~ /^handed: (\d+) schedules, /m;
	die "its exit status says the opposite of what it prints\n"
	    if !defined $schedules || ($status != 0) != defined $found;
	die "it tries $schedules schedules in $SECONDS s: make it " .
	    "smaller\n" if !defined $found && $schedules < $FEW;
	return $found // '';
}

# Nothing if the scenario counts, or why not.
sub fails_to_count {
	my ($source, $fault, $limit) = @_;
	my $text = do {
		local (@ARGV, $/) = $source;
		<>;
	};
	my $shows = Verdict::shows($text) //
	    return "its head names no failure: Shows: ...\n";
	my @wrong;

	return "no schedule_fail() says \"$shows\"\n"
	    if $text !~ /schedule_fail\("\Q$shows\E"/;
	for (['without a fault', undef, ''], ['with the fault', $fault,
	    $shows]) {
		my ($where, $with, $wanted) = @$_;
		my $found = eval { search(build($source, $with), 3 * $limit) };

		push @wrong, !defined $found ? "$where: $@" :
		    $found eq '' ? "$where it finds nothing\n" :
		    "$where it finds: $found\n"
		    if ($found // "\0") ne $wanted;
	}
	return @wrong ? join '', @wrong : undef;
}

1;
