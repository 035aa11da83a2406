# Goal: make mutants breaks what it says: each statement and each condition of
# a function, once, and nothing else; and each mutant that is listed as
# equivalent is one.

use strict;
use warnings;
use lib 'tests/lib';
use Mutants;
use Sites;
use Test::More;

my $text = <<'END';
#define LOOP(i) for (i = 0; i < 3; i++)
static int one = 1;

int
first(int a, const char *s)
{
	int	 i, n = a;
	uint64_t *p;

	assert(a > 0);
	(void)s;
	if (a == 1)	/* a ; here } */
		return n;
	else if (s[0] == ')' && strcmp(s, "};\"") == 0) {
		n++;
		goto end;
	}
	for (i = 0; i < n; i++)
		while (*p++)
			;
	LIST_FOREACH(p, s, next)
		call(p,
		    s);
	switch (n) {
	case 'a':
		n = a ? 1 : 2;
		break;
	default:
		do {
			n *= 2;
		} while (n < 9);
	}
end:
	return n;
}
END
my @sites = Sites::of($text);
is(join("\n", map {"$_->{line} $_->{kind} $_->{text}"} @sites), <<'END' =~
12 negate a == 1
13 delete return n;
14 negate s[0] == ')' && strcmp(s, "};\"") == 0
15 delete n++;
16 delete goto end;
18 negate i < n
19 negate *p++
22 delete call(p, s);
26 delete n = a ? 1 : 2;
27 delete break;
30 delete n *= 2;
31 negate n < 9
END
    s/\n\z//r, 'the statements and conditions of a function are its sites');
is(join('', grep { $_->{function} ne 'first' } @sites), '',
    'and know where they are');
my ($call) = grep { $_->{text} =~ /^call/ } @sites;
is(Sites::break($text, $call), $text =~ s/call\(p,\n\t\t    s\);/;\n/r,
    'a statement is deleted, but not its line');
is(Sites::break($text, $sites[0]), $text =~ s/\(a == 1\)/(!(a == 1))/r,
    'a condition is negated');
$_->{number} = 7 for @sites;
my $watched = Sites::watch($text, @sites);
is(scalar(() = $watched =~ /site_reached\(7\)/g), scalar @sites,
    'each says that it is reached');

my %site = map { $_->{key} => $_ } Mutants::sites();
cmp_ok(scalar(keys %site), '>', 2000, 'the server has thousands');
my %reason = Mutants::equivalents();
is(join("\n", grep { !$site{$_} } sort keys %reason), '',
    'and has all that are listed as equivalent');
is(join("\n", grep { $reason{$_} !~ /\w \w/ } sort keys %reason), '',
    'each for a reason');
done_testing();
