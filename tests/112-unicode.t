# Goal: the tables of characters by which names are judged are those of the
# Unicode data, as tests/unicode generates them.

use strict;
use warnings;
use Test::More;

my $made = `$^X tests/unicode`;
open my $fh, '<', 'ipc/common/unicode.c' or die "unicode.c: $!\n";
my $kept = do { local $/; <$fh> };
my ($here) = $made =~ /data of Unicode ([\d.]+)/;
my ($there) = $kept =~ /data of Unicode ([\d.]+)/;
ok($here && $there, 'both name their version of Unicode');
SKIP: {
	skip "Perl has the data of Unicode $here, not $there", 1
	    if $here ne $there;
	ok($made eq $kept, 'each table is the one that the generator writes');
}
done_testing();
