# Goal: each fault of tests/faults can still be put into this tree, exactly
# where it belongs, says what one would see, and names tests that exist.
# tests/chaos/fault_patches.t checks that these fail.

use strict;
use warnings;
use lib 'tests/lib';
use Fault;
use Test::More;

my %numbered;
for my $fault (Fault->all) {
	my $name = $fault->name;
	my ($number) = $name =~ /^(\d\d)-[a-z][a-z0-9-]+$/;

	ok(defined $number && !$numbered{$number}++,
	    "$name has a number of its own");
	is($fault->misfit, '', "$name applies");
	like($fault->symptom, qr/\A[A-Z].*\.\n\z/s, 'and says what it does');
	is(join(' ', grep { !-e && !-e "$_.c" } $fault->tests), '',
	    'and the tests that it names exist');
}
cmp_ok(scalar(keys %numbered), '>=', 18, 'there are some');
done_testing();
