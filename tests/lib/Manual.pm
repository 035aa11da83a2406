# The examples of a manual, to run unchanged: not as they are written, but as a
# reader sees them on the page and copies them.

package Manual;

use strict;
use warnings;
use List::Util qw(first);

# The programs that show a manual here, by name.
my %shows = (
	mandoc => 'mandoc -T utf8 %s',
	groff => 'groff -t -mdoc -T utf8 %s',
	man => 'MANPAGER=cat MANWIDTH=80 man -l %s');

# The page as a program shows it, or nothing.
my %pages;
sub page {
	my ($path, $by) = @_;

	return $pages{"$path by $by"} //= render($path, $by);
}

sub render {
	my ($path, $by) = @_;

	my $page = qx(@{[sprintf $shows{$by}, $path]} 2>/dev/null);
	$page =~ s/\e\[[\d;]*m//g;
	1 while $page =~ s/[^\n\x80-\xbf][\x80-\xbf]*\x08//g;
	return $page;
}

sub works { return page('chatc/chatc.1', $_[0]) =~ /EXAMPLES/ }

# Those of them that exist; and the first of these, without trying the others.
sub renderers { return grep { works($_) } sort keys %shows }
sub renderer { return first { works($_) } sort keys %shows }

# The examples in its EXAMPLES: the text after "$ ", or a line for a file of
# settings, with its continuation lines, blanks and all.
sub examples {
	my ($path, $by) = @_;
	my (@found, $within);

	$by //= renderer() // return;
	my ($section) = page($path, $by) =~ /^EXAMPLES\n(.*?)^\S/ms;
	for (split /\n/, $section // '') {
		if (/^\s+(\$ .*|ForceCommand .*)/) {
			push @found, $1;
			$within = 1;
		} elsif (/^\s*$/) {
			$within = 0;
		} elsif ($within) {
			$found[-1] .= "\n$_";
		}
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
