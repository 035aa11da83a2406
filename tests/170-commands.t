# Goal: a line that begins with ! is a command; !help lists the commands, and
# an unknown one gets an error that nobody else sees.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $room = Room->start;
my $alice = $room->enter('alice');
my $bob = $room->enter('bob');
$alice->expect('-- bob joined');

$alice->say('!me waves');
$alice->next_is('* alice waves', 'an action is seen by the actor');
$bob->next_is('* alice waves', 'and by the others');
$bob->say("!me \x07rings");
$alice->next_is('* bob \\007rings', 'an action is made visible');
$bob->expect('* bob \\007rings');

my @help = $alice->say('!help')->until_now;
is((grep { !/^-- / } @help), 0, 'help is a notice');
for my $command (qw(!quit !who !name !msg !me !help)) {
	like("@help", qr/\Q$command\E/, "help tells of $command");
}

$alice->say('!dance')->next_is(qr/^!! /, 'an unknown command gets an error');
$alice->say('!')->next_is(qr/^!! /, 'a bare ! too');
$alice->say('!quitting')->next_is(qr/^!! /,
    'a command is a whole word, not its beginning');
$alice->say("!\033[2J")->next_is(qr/^!! /,
    'an unknown command is not repeated raw');
$alice->say('!' . 'x' x 4095)->next_is(qr/^!! /,
    'the longest unknown command gets an error');
$alice->say('!me')->next_is(qr/^!! /, 'an action of nothing gets an error');
is(join("\n", $bob->until_now), '', 'nobody else sees any of this');

# In one segment, so that the server has all of it at once.
$alice->send(join '', map {"line $_\n!bogus\n!who\n"} 1 .. 100);
my @lines;
while (@lines < 300) {
	push @lines, $alice->line // last;
}
push @lines, ('nothing') x (300 - @lines);
is((grep {
    $lines[3 * $_ - 3] ne "<alice> line $_" ||
    $lines[3 * $_ - 2] !~ /^!! / || $lines[3 * $_ - 1] !~ /^-- 2 here: /
} 1 .. 100), 0, 'answers come in their place between what one says');
$bob->expect('<alice> line 100');

$alice->say('still here');
$bob->next_is('<alice> still here', 'and the talk goes on');
$room->stop;
done_testing;
