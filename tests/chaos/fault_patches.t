#!/usr/bin/env perl
#
# Each fault of tests/faults can be built without a warning, and makes each of
# the tests that it names fail, which pass in the unchanged tree.  A test that
# does not end has not failed.
#
# Controls without a delay share a tree as far as their patches fit together.
# "make fault" builds one of each kind.

use strict;
use warnings;
use lib 'tests/lib';
use Fault;
use Test::More;
use Tree;

my $LIMIT = 600;		# seconds, of a test
my $WAIT = $ENV{WAIT_AT_MOST} // 10;	# of a wait in one that fails
my @faults = Fault->all;

# How these tests end in this tree with this fault, or with none.
sub outcome {
	my ($tree, $fault, @tests) = @_;

	# A passing test waits only for the machine, and has its own limits.
	local %ENV = %ENV;
	$fault ? $ENV{WAIT_AT_MOST} = $WAIT : delete $ENV{WAIT_AT_MOST};
	if (!eval { $tree->make_for(@tests); 1 }) {
		diag($@);
		return 'it does not build';
	}
	return join ', ', map {
		my ($result, $out) = $tree->test($LIMIT, $_);
		$result = $fault->verdict($_, $result, $out) if $fault;
		note $out;
		"$_ $result"
	} @tests;
}

sub all_are {
	my ($result, @tests) = @_;
	return join ', ', map {"$_ $result"} @tests;
}

sub fails_of {
	my ($fault, $name) = @_;

	my $tree = Tree->copy;
	$fault->put_into($tree);
	is(outcome($tree, $fault, $fault->tests),
	    all_are('fails', $fault->tests), "they fail with $name");
}

# Tests the faults with a control, as many as fit into a new tree; returns the
# others.
sub controls_pass {
	my (@faults) = @_;
	my (@left, %tests, @names);

	my $tree = Tree->copy;
	for my $fault (@faults) {
		my $control = $fault->variant('control');
		if ($control->misfit($tree) ne '') {
			push @left, $fault;
			next;
		}
		$control->put_into($tree);
		push @names, $fault->name;
		$tests{$_} = 1 for $fault->control_tests;
	}
	my @tests = sort keys %tests;
	is(outcome($tree, undef, @tests), all_are('passes', @tests),
	    "they pass with the controls of @names");
	return @left;
}

# In a copy, or make would leave them here.
sub make_fault {
	my $tree = Tree->copy;

	for my $how ([''], ['-wide', 'WIDE=1'], ['-control', 'CONTROL=1']) {
		my ($name, @how) = @$how;
		my ($status, $out) = $tree->run($ENV{MAKE} // 'make', '-s',
		    'fault', 'FAULT=short-write', @how);
		my $dir = ".fault/06-short-write$name";
		like($out, qr/^\Q$dir\E has .*^See it\tcd \Q$dir\E && prove/ms,
		    "make fault builds $dir, and says so");
		($status) = $tree->run('cmp', '-s', 'ipc/common/line.c',
		    "$dir/ipc/common/line.c");
		is($status >> 8, 1, 'which is another tree');
		($status) = $tree->run("$dir/chatserv/chatserv", '-V');
		is($status, 0, 'and runs');
	}
}

make_fault();
my %named = map { $_ => 1 } map { $_->control_tests } @faults;
is(outcome(Tree->copy, undef, sort keys %named),
    all_are('passes', sort keys %named), 'the tests pass without a fault');
for my $fault (@faults) {
	fails_of($fault, $fault->name);
	my $wide = $fault->variant('wide');
	fails_of($wide, $fault->name . ', wide') if $wide;
}
my @controlled = grep { $_->variant('control') } @faults;
controls_pass($_) for grep { $_->variant('wide') } @controlled;
my @left = grep { !$_->variant('wide') } @controlled;
@left = controls_pass(@left) while @left;
done_testing();
