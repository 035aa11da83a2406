# Checks the servers of the course, good and bad, with chattest.

package Ladder;

use strict;
use warnings;
use Test::More ();

my $course = 'contrib/course';
my %kind = (
	ladder => { verdicts => "$course/ladder/verdicts", dialect => 'course',
	    command => sub {"$course/ladder/$_[0]"} },
	zoo => { verdicts => "$course/zoo.verdicts", dialect => 'names',
	    command => sub { ("$course/zoo", $_[0]) } });

# The verdicts on the rungs of the ladder, or on the servers of the zoo:
# name => { level => '+', '-' or '.' }.
sub verdicts {
	my ($kind) = @_;
	my $file = $kind{$kind}{verdicts};
	my %verdict;

	open my $fh, '<', $file or die "$file: $!\n";
	while (<$fh>) {
		next if /^#/;
		my ($name, @signs) = split;
		$verdict{$name} = { map { $_ + 1 => $signs[$_] } 0 .. $#signs };
	}
	return %verdict;
}

# A test: the server gets these verdicts, at these levels; each step may take
# so many seconds.
sub has_verdicts {
	my ($kind, $name, $verdict, $seconds, @levels) = @_;
	my @command = $kind{$kind}{command}->($name);

	defined(my $pid = open my $out, '-|') or die "fork: $!\n";
	if ($pid == 0) {
		setpgrp 0, 0;
		exec @command, 0 or die "@command: $!\n";
	}
	my ($port) = (<$out> // '') =~ /^port (\d+)/ or die "$name: no port\n";
	my $levels = join ',', @levels;
	my @lines = `$course/chattest -d $kind{$kind}{dialect} -p $pid -r '@command $port' -t $seconds -l $levels 127.0.0.1 $port`;
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
	    "$name passes and fails what it must") or
	    Test::More::diag(@lines);
}

1;
