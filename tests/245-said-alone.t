# Goal: a client that has sent much while nobody else talked is not slowed
# down when somebody says a word, and loses nothing if it leaves then.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;
use Time::HiRes qw(time);
use Wait;

my $LINES = 30_000;	# of 1000 bytes: four seconds at the rate of a crowd
my $SOON = 2;		# seconds

my $room = Room->start;
my $alice = $room->enter('alice');
my $bulk = $room->enter('bulk');

# Wait until both have heard this line, and forget what came before it.
sub both_hear {
	my ($line) = @_;

	Wait::until_true(sub {
		for ($alice, $bulk) {
			my $at = rindex $_->{in}, "$line\n";
			return if $at < 0 && length($_->{in}) < 1 << 16;
			# What is long ago said need not be searched again.
			substr($_->{in}, 0, -(1 << 12)) = '' if $at < 0;
			return if $at < 0;
		}
		return 1;
	}) or die "not everyone hears: $line\n";
	for ($alice, $bulk) {
		substr($_->{in}, 0, rindex($_->{in}, "$line\n")) = '';
		$_->line;
	}
}

my $text = 'z' x 1000 . "\n";
for (1 .. $LINES / 1000) {
	$bulk->send($text x 1000)->flush;
}
$bulk->say('so far');
both_hear('<bulk> so far');
$alice->say('hi');
both_hear('<alice> hi');
my $begin = time;
$bulk->say('one') for 1 .. 3;
$bulk->say('last')->half_close;
both_hear('<bulk> last');
my $took = time - $begin;
cmp_ok($took, '<', $SOON,
    'a client that talked alone is heard soon after another');
note sprintf '%.3f s', $took;
$alice->sees('-- bulk left (quit)', 'and leaves with every line said');
$room->stop;
done_testing;
