# Goal: each fault of tests/faults, with its variants, can still be put into
# this tree, exactly where it belongs, says what one would see and how, and
# names tests that exist.  tests/chaos/fault_patches.t checks that these fail.

use strict;
use warnings;
use lib 'tests/lib';
use Fault;
use Files qw(slurp);
use Test::More;

# What is wrong with the files that its head names.
sub lost {
	my ($fault) = @_;
	my @named = ($fault->says('Command') =~ m{(?:^| )(tests/\S+)}g,
	    $fault->tests);
	return join ' ', grep { !-e && !-e "$_.c" && !m{/schedule$} } @named;
}

# Texts of assertions, in one piece each.
sub texts {
	my (@files) = @_;
	return join('', map { slurp($_) } @files) =~
	    s/(["'])\s*\.?\s*\n\s*(?:\.\s*)?\1//gr;
}

my $common = texts(glob 'tests/lib/*.pm chatserv/*/*.c');
my %errors = map { $! = $_; ("$!" => 1) } 1 .. 133;

# Whether the text is there, or the beginning of it with a variable after it.
sub has_text {
	my ($sources, $text) = @_;

	return 1 if index($sources, $text) >= 0;
	while ($text =~ s/\S+\s*\z// && $text =~ /\S \S/) {
		return 1 if $sources =~ /\Q$text\E[\$%]/;
	}
	return 0;
}

# The assertions of a head that its tests do not have.
sub unasserted {
	my ($fault) = @_;
	my @unknown;

	for my $test ($fault->tests) {
		my $text = $fault->assertion($test) // next;
		my $has = $common . texts(-e $test ? $test : "$test.c");
		push @unknown, $text
		    if !$errors{$text} && !has_text($has, $text);
	}
	return join ', ', @unknown;
}

my (%numbered, %labs, $wide);
for my $fault (Fault->all) {
	my $name = $fault->name;
	my ($number) = $name =~ /^(\d\d)-[a-z][a-z0-9-]+$/;

	ok(defined $number && !$numbered{$number}++,
	    "$name has a number of its own");
	is($fault->misfit, '', "$name applies");
	like($fault->what, qr/\A[A-Z].*\.\n\z/s, 'and says what is wrong');
	like($fault->says('Symptom'), qr/\A[A-Z].*\.\z/, 'what one sees');
	like($fault->says('Command'),
	    qr{\A(?:prove -v tests/\S+\.t|tests/\S+.*)\z}, 'and how');
	like($fault->says('Lab'), qr/\A(?:[1-9]|10)\z/, 'names a lab');
	ok(scalar($fault->tests), 'and a test');
	$labs{$fault->says('Lab')} = 1;
	is(lost($fault), '', 'and all that it names exists');
	is(unasserted($fault), '', 'to the assertion');
	for my $kind (qw(wide control)) {
		my $variant = $fault->variant($kind) or next;
		is($variant->misfit, '', "$name applies as $kind");
		like($variant->what, qr/\A[A-Z].*\.\n\z/s, 'says what it is');
		is(lost($variant), '', 'and all that it names exists');
		is(unasserted($variant), '', 'to the assertion');
		is(scalar($variant->tests) > 0, $kind eq 'wide',
		    'the fault shows in tests, the control in none');
		$wide++ if $kind eq 'wide';
	}
	ok($fault->variant('control'), "$name has a control");
}
for my $kind (qw(wide control)) {
	my @alone = grep { !-e "tests/faults/$_.patch" }
	    map { m{([^/]+)\.patch$} } glob "tests/faults/$kind/*";
	is("@alone", '', "each $kind belongs to a fault");
}
cmp_ok(scalar(keys %numbered), '>=', 25, 'there are some');
cmp_ok($wide, '>=', 10, 'and races are wide');
is(join(' ', sort { $a <=> $b } keys %labs), join(' ', 1 .. 10),
    'there is one for each lab');
done_testing();
