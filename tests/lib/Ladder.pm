# The rungs of the course's ladder, held against chattest.

package Ladder;

use strict;
use warnings;
use Test::More ();

my $dir = 'contrib/course/ladder';

# The verdicts: rung => { level => '+', '-' or '.' }.
sub verdicts {
	my %verdict;

	open my $fh, '<', "$dir/verdicts" or die "$dir/verdicts: $!\n";
	while (<$fh>) {
		next if /^#/;
		my ($rung, @signs) = split;
		$verdict{$rung} = { map { $_ + 1 => $signs[$_] } 0 .. $#signs };
	}
	return %verdict;
}

# A test: the rung gets these verdicts, at these levels; each step may take
# so many seconds.
sub has_verdicts {
	my ($rung, $verdict, $seconds, @levels) = @_;

	defined(my $pid = open my $out, '-|') or die "fork: $!\n";
	if ($pid == 0) {
		setpgrp 0, 0;
		exec "$dir/$rung", 0 or die "$dir/$rung: $!\n";
	}
	my ($port) = (<$out> // '') =~ /^port (\d+)/ or die "$rung: no port\n";
	my $levels = join ',', @levels;
	my @lines = `contrib/course/chattest -p $pid -r '$dir/$rung $port' -t $seconds -l $levels 127.0.0.1 $port`;
	my %got;
	for (@lines) {
		my ($not, $level, $rest) = /^(not )?ok (\d)(.*)/ or next;
		$got{$level} = $rest =~ /SKIP/ ? '.' : $not ? '-' : '+';
	}
	kill 'KILL', -$pid;
	close $out;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::is(join(' ', map {"$_$got{$_}"} sort keys %got),
	    join(' ', map {"$_$verdict->{$_}"} sort @levels),
	    "$rung passes and fails what it must") or
	    Test::More::diag(@lines);
}

1;
