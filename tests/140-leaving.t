# Goal: however a client leaves, the others are told why, and its name and
# process are free again.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $room = Room->start;
my $alice = $room->enter('alice');
my $others = () = $room->children;

sub bob {
	my $bob = $room->enter('bob');
	$alice->expect('-- bob joined');
	return $bob;
}

my $bob = bob();
$bob->say('!quit')->next_is('-- goodbye (quit)', '!quit is said goodbye');
$bob->ends('and the connection is closed in order');
$alice->next_is('-- bob left (quit)', 'the others see the leave');

$bob = bob();
$bob->say('!quit off to bed')
    ->next_is(qr/^-- goodbye \(quit(?:: off to bed)?\)$/,
    '!quit with a reason is said goodbye');
$alice->next_is('-- bob left (quit: off to bed)', 'the others see the reason');

$bob = bob();
$bob->say("!quit \033[2J")->rest;
$alice->next_is('-- bob left (quit: \\033[2J)',
    'a reason is made visible like any text');

$bob = bob();
$bob->send('!quit ' . "\033" x 4000 . "\n")->rest;
$alice->next_is('-- bob left (quit: ' . '\033' x 4000 . ')',
    'nothing of a long reason is lost');
unlike($room->log, qr/left \(quit:/, 'but the log omits it');

$bob = bob();
$bob->send("one\ntwo\nthree")->half_close;
is(join("\n", $bob->rest), join("\n", '<bob> one', '<bob> two',
    '<bob> three', '-- goodbye (quit)'),
    'after a half-close the server echoes every message, then says goodbye');
$alice->expect('<bob> three');
$alice->next_is('-- bob left (quit)', 'a half-close is an orderly end');

$bob = bob();
$bob->send("!quit\nafter\n")->rest;
is(join("\n", $alice->until_now), '-- bob left (quit)',
    'lines after !quit are not said');

$bob = bob();
$bob->send("x\n" x 500 . "!quit\n");
my @lines = $bob->rest;
is((grep { $_ eq '<bob> x' } @lines), 500,
    'a client that says 500 lines and quits gets every echo');
is($lines[-1], '-- goodbye (quit)', 'before the goodbye');
$alice->expect('-- bob left (quit)');

$bob = bob();
$bob->send("!quit\n" . "not read\n" x 50_000);
@lines = $bob->rest;
is($lines[-1], '-- goodbye (quit)',
    'a client that goes on sending after !quit');
is($bob->{over}, 'closed', 'still gets the goodbye and an orderly close');
$alice->expect('-- bob left (quit)');

$bob = bob();
$bob->reset;
$alice->next_is('-- bob left (connection lost)', 'a reset is reported as such');

$bob = bob();
$bob->freeze->send("!help\n" x 20_000)->flush;
$alice->say('!who')->expect(qr/^-- 2 here/);
$bob->reset;
$alice->next_is('-- bob left (connection lost)',
    'so is one of a client whose questions are not answered yet');

$bob = bob();
$bob->say('my last words')->close;
my @seen = $alice->expect(qr/^-- bob left \((?:quit|connection lost)\)$/);
is($seen[0], '<bob> my last words',
    'a client that says a line and closes is heard');

$bob = bob();
ok($bob, 'the name was free again each time');

$bob->say('!quit')->rest;
$alice->expect('-- bob left (quit)');
$room->eventually(sub { $room->children == $others },
    'and no process of a client that left exists');
is($room->zombies, 0, 'no zombie stays');

# Who is here is told in the order of places.
my @guest = map { $room->enter($_) } qw(carl dora eve);
for my $left (1, 2) {
	shift(@guest)->say('!quit')->rest;
	$room->eventually(sub { $room->children == $others + 3 - $left },
	    'somebody leaves');
}
push @guest, map { $room->enter($_) } qw(fay gil);
$alice->say('!who')->expect('-- 4 here: alice fay gil eve');
pass('the next client gets the lowest free place, and so on');
$room->stop;
done_testing;
