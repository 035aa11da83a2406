# Goal: the TSV form is exact: four fields, the text last and with its tabs,
# an ID or a dash in front; a TSV client sends what all others do.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $room = Room->start;
my $alice = $room->enter('alice');
my $tess = $room->connect;
$tess->say('!tsv');
my @greeting = $tess->expect("-\tinfo\t\ttsv");
is((grep { !/^-- / } @greeting[0 .. $#greeting - 1]), 0,
    '!tsv is answered in TSV; what came before was plain');

$tess->say('alice');
$tess->next_is(qr/^-\terr\t\t.*alice/, 'after it an error is in TSV');
my @lines = $tess->say('!help')->until_now;
is((grep { !/^-\tinfo\t\t/ } @lines), 0, 'help is in TSV');
cmp_ok(@lines, '>', 0, 'and there is some');
$tess->say('!who')->next_is("-\twho\talice\t127.0.0.1",
    'the list of clients is');
$tess->next_is("-\twho\t\t1", 'with the count at its end');

$tess->say('tess');
$tess->next_is(qr/^-\troom\t\t[0-9a-f]{16}$/, 'the welcome begins with the room');
$tess->next_is(qr/^-\thello\ttess\t[0-9a-f]+$/, 'then comes the hello');
$tess->next_is("-\twho\t\t2", 'with the number of clients');
my $id = qr/[1-9]\d{15}/;
$tess->next_is(qr/^$id\tjoin\ttess\t127\.0\.0\.1$/, 'a join has an address');
$alice->expect('-- tess joined');

$tess->say("a\ttab\t");
$tess->next_is(qr/^$id\tmsg\ttess\ta\ttab\t$/, 'a text keeps its tabs');
$alice->next_is("<tess> a\ttab\t", 'in the plain form too');
$tess->say('!me nods');
$tess->next_is(qr/^$id\tme\ttess\tnods$/, 'an action is of the kind me');
$tess->say('!msg alice hi');
$tess->next_is(qr/^$id\tpriv\ttess>alice\thi$/,
    'a private message is of the kind priv and has both names');
$alice->say('!name ally');
$tess->next_is(qr/^$id\tname\talice\tally$/, 'a new name is of the kind name');
$tess->say('!nonsense');
$tess->next_is(qr/^-\terr\t\t\S/, 'an error is of the kind err');
$alice->say('!quit a reason')->rest;
$tess->next_is(qr/^$id\tleave\tally\tquit: a reason$/,
    'a leave is of the kind leave and has the reason');
$tess->say('!quit');
$tess->next_is("-\tbye\ttess\tquit", 'goodbye is of the kind bye');
$tess->ends('and the last line');
$room->stop;
done_testing;
