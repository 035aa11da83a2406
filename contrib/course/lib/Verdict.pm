# A handed-in test's verdict on a tree: whether its one assertion holds, and, if
# the verdict does not count, why.
#
# A test names that assertion at its head, after "Shows:".  Its verdict counts
# if its TAP is numbered from 1 and its exit status agrees.  Only the plan tells
# whether it reached its end; one that has failed may end there.

package Verdict;

use strict;
use warnings;

# The name of the assertion, from the text of a test.
sub shows {
	my ($text) = @_;
	my ($head) = $text =~ /\A((?:.*\n){1,30})/;

	return if !defined $head || $head !~ /^[#\s\/*]*Shows:\s+(\S.*?)\s*$/m;
	return $1;
}

# Results as [ok, name, excused]; before them what is wrong with the TAP, and
# what is wrong with the plan.
sub parse {
	my ($text) = @_;
	my (@results, @plans);

	for (split /\n/, $text) {
		if (/^(not )?ok\b(?: (\d+))?(?: - )?(.*)/) {
			my ($not, $number, $name) = ($1, $2, $3);
			return 'its tests are not numbered 1, 2, ...'
			    if ($number // 0) != @results + 1;
			my $excused = $name =~ s/\s+# (?:SKIP|TODO)\b.*//i;
			push @results, [!$not, $name, $excused];
		} elsif (/^1\.\.(\d+)/) {
			push @plans, $1;
		} elsif (/^Bail out!/) {
			return 'it bails out';
		}
	}
	return (undef, @plans != 1 ?
	    'it prints no plan, or more than one: did it end early?' :
	    $plans[0] != @results ? "it plans $plans[0] tests and runs " .
	    @results : undef, @results);
}

# 'holds' or 'fails', or why it says neither.  The first assertion that fails
# has to be the one that it is about.
sub of {
	my ($shows, $text, $status) = @_;

	return 'it does not end: a time-out scores nothing'
	    if !defined $status;
	return 'it was killed by signal ' . ($status & 127) if $status & 127;
	my ($wrong, $unplanned, @results) = parse($text);
	return $wrong if $wrong;
	my @named = grep { $_->[1] eq $shows } @results;
	return "it has no assertion \"$shows\"" if !@named;
	return "the assertion \"$shows\" is skipped" if grep { $_->[2] } @named;
	my ($first) = grep { !$_->[0] && !$_->[2] } @results;
	return 'its exit status says the opposite of what it prints'
	    if ($status != 0) != !!$first;
	return $unplanned // 'holds' if !$first;
	return 'fails' if $first->[1] eq $shows;
	return "another assertion fails: $first->[1]";
}

1;
