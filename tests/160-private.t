# Goal: only its sender and its addressee see a private message, and it is
# never replayed.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $room = Room->start;
my $alice = $room->enter('alice');
my $bob = $room->enter('bob');
my $carol = $room->enter('carol', tsv => 1);
$_->expect('-- carol joined') for $alice, $bob;

$alice->say('!msg bob hi there');
$alice->next_is('<alice>bob> hi there', 'the sender sees it');
$bob->next_is('<alice>bob> hi there', 'the receiver sees it');
$bob->say('!msg carol psst');
$carol->next_is(qr/^\d{16}\tpriv\tbob>carol\tpsst$/,
    'in TSV it has both names, and the third saw nothing before');
$bob->next_is('<bob>carol> psst', 'its sender sees it');
is(join("\n", $alice->until_now), '', 'the third sees nothing');

$alice->say("!msg bob \033]0;x\007");
$bob->next_is('<alice>bob> \\033]0;x\\007', 'its text is made visible');
$alice->expect(qr/^<alice>bob> /);

$alice->say('!msg dave hi')->next_is(qr/^!! /,
    'a message to nobody gets an error');
$alice->say('!msg bob')->next_is(qr/^!! /, 'one without a text gets an error');
$alice->say('!msg')->next_is(qr/^!! /, 'one without anything too');
is(join("\n", $bob->until_now), '', 'and nothing arrives');

$alice->say('!msg alice note')->next_is('<alice>alice> note',
    'a client may write to itself');
is(join("\n", $alice->until_now), '', 'and sees it once');

$alice->say('public');
$_->expect('<alice> public') for $alice, $bob;
my $since = $room->enter('sina', since => 0);
is((grep { /hi there|psst|note/ } @{ $since->{entry} }), 0,
    '!since does not replay them');
is((grep { $_ eq '<alice> public' } @{ $since->{entry} }), 1,
    'but public messages are');
$since->say('!quit')->rest;
my $last = $room->enter('lars', last => 100);
is((grep { /hi there|psst|note/ } @{ $last->{entry} }), 0,
    '!last does not replay them');
$bob->say('!quit')->rest;
$bob = $room->enter('bob', since => 0);
is((grep { /hi there|psst|note/ } @{ $bob->{entry} }), 0,
    'not even to someone of the same name');

$room->stop;
done_testing;
