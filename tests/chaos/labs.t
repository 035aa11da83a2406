#!/usr/bin/env perl
#
# The commands in each lab of the course print what its page says.

use strict;
use warnings;
use lib 'tests/lib', 'contrib/course/lib';
use LabPage;
use Labs;
use Test::More;

$Wait::LIMIT = 300;
for my $lab (Labs::all()) {
	my $file = Labs::page($lab);

	is(join('', LabPage->new($file)->wrong_examples), '', $file);
}
done_testing();
