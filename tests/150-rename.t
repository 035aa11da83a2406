# Goal: !name gives the client a new name, which everybody sees, by the same
# rules as the first one, and frees the old one.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;
use Time::HiRes qw(time);

my $room = Room->start;
my $alice = $room->enter('alice');
my $bob = $room->enter('bob', tsv => 1);
$alice->expect('-- bob joined');

$alice->say('!name ally');
$alice->next_is('-- alice is now ally', 'the renamed client sees its new name');
$bob->next_is(qr/^\d{16}\tname\talice\tally$/, 'the others see both names');
$alice->say('it is me');
$bob->next_is(qr/\tmsg\tally\tit is me$/, 'messages carry the new name');
$alice->expect('<ally> it is me');
$alice->say('!who')->next_is(qr/^-- 2 here: (?:ally bob|bob ally)$/,
    '!who has the new name');

my $thief = $room->enter('alice');
pass('the old name is free');
$_->expect(qr/alice/) for $alice, $bob;

for my $name ('bob', 'BOB', 'two words', '-x', '#x', 'a<b', 'x' x 33, 'a/2',
    "\x1b", '') {
	$alice->say("!name $name")
	    ->next_is(qr/^!! /, "the name '@{[$name =~ s/\x1b/ESC/r]}' is refused");
}
$alice->say('!name')->next_is(qr/^!! /, '!name wants a name');
is(join("\n", $bob->until_now), '', 'nobody sees a name that was refused');

$alice->say('!name ally')->say('still me')->next_is('<ally> still me',
    'the name that one has is no new one');
$bob->next_is(qr/\tmsg\tally\tstill me$/, 'and nobody is told of it');
$alice->say('!name Ally')
    ->next_is('-- ally is now Ally',
    'a client may change the case of its own name');
my $second = $room->connect->say('ally');
$second->sees(qr/^!! .*ally/, 'the new name is taken in any case');
$second->say('!quit')->rest;

my $begin = time;
$alice->say("!name Ally$_") for 1 .. 5;
$alice->say('!name Ally')->expect('-- Ally5 is now Ally');
cmp_ok(time - $begin, '>', 0.49, 'names are changed ten times a second at '
    . 'most, all of them, in order');

$alice->say('!quit')->rest;
$bob->sees(qr/\tleave\tAlly\tquit$/, 'it is the new name that leaves');
$room->enter('ally');
pass('and is free then');
$room->stop;
done_testing;
