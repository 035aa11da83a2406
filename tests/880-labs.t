# Goal: each lab of the course has a page for the student and one for the
# teacher, which name functions, files and faults that exist, and what make
# grade looks at; so has the reading tour.  One page is followed here, all of
# them in make chaos.

use strict;
use warnings;
use lib 'tests/lib', 'contrib/course/lib';
use Fault;
use Files qw(slurp_if_any);
use LabPage;
use Labs;
use Test::More;

for my $program ('chatserv/chatserv', 'contrib/course/ladder/1-iterative') {
	plan skip_all => "$program is not built" if !-x $program;
}

my @sections = ('AIM', 'READ', 'PREDICT', 'RUN AND SEE', 'CHANGE',
    'FIND THE FAULT', 'HAND IN');

sub defines {
	my ($text, $function) = @_;
	return $text =~ /^(?:static [^;\n]* )?\*?\Q$function\E\(/m ||
	    $text =~ /^sub \Q$function\E\b/m;
}

# What a page tells to read and is not there.
sub missing {
	my (@reading) = @_;
	my @missing;

	for (@reading) {
		my ($path, @functions) = @$_;
		my $text = slurp_if_any($path);
		push @missing, $path if $text eq '';
		push @missing, map {"$path: $_"}
		    grep { !defines($text, $_) } @functions;
	}
	return join ', ', @missing;
}

my @labs = Labs::all();
for my $lab (@labs) {
	my $file = Labs::page($lab);
	my $page = LabPage->new($file);

	is(join(', ', grep { !defined $page->section($_) } @sections), '',
	    "$file has all sections");
	my @reading = $page->reading;
	ok(scalar @reading, 'says what to read');
	is(missing(@reading), '', 'which exists');
	ok(scalar(my @examples = $page->examples), 'has examples');
	my $faults = join '|', map {quotemeta} @{$lab->{faults}};
	like($page->section('FIND THE FAULT') =~ s/\s+/ /gr,
	    qr/make fault FAULT=(?:$faults)\b/, 'names its fault');
	is(Fault->named($lab->{faults}[0])->says('Lab'), $lab->{number},
	    'which names the lab');
	for my $fault (grep {defined} @{$lab->{faults}}, $lab->{other}) {
		ok(eval { Fault->named($fault)->name eq $fault },
		    "there is $fault");
	}
	my $teacher = slurp_if_any("$file.teacher");
	is(join(', ', grep { $teacher !~ /^\Q$_\E$/m } 'BEFORE', 'PREDICTIONS',
	    'RUN AND SEE', 'CHANGE', 'THE FAULT', 'A RIGHT TEST'), '',
	    'the teacher is told what to expect');
	is(join(', ', grep { $teacher !~ /\Q$_\E/ } @{$lab->{faults}}), '',
	    'of each fault too');
}
is(join(' ', map { Labs::page($_) } @labs),
    join(' ', grep { !/\.|table/ } glob 'contrib/course/labs/*'),
    'the table has all labs');

for (['contrib/course/README', 'READING TOUR'],
    ['contrib/course/memory', 'READ']) {
	my ($file, $title) = @$_;
	my @reading = LabPage->new($file)->reading($title);

	cmp_ok(scalar @reading, '>', 5, "$file says what to read");
	is(missing(@reading), '', 'which exists');
}

$Wait::LIMIT = 60;
SKIP: {
	skip 'the pages are about Linux, and no sanitizer', 1
	    if $ENV{SAN} || $ENV{QEMU} || !-e '/proc/self/status';
	is(join('', LabPage->new(Labs::page(Labs::named(2)))->wrong_examples),
	    '', 'what the second page tells to run prints what it says');
}
done_testing();
