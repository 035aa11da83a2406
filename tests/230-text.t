# Goal: no text can forge a line, move a cursor or reach a terminal raw.
#
# Client.pm refuses any line that holds a raw control character, so here
# too each line that anyone receives is checked.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $room = Room->start;
my $alice = $room->enter('alice');
my $mallory = $room->enter('mallory');
$alice->expect('-- mallory joined');

sub shows {
	my ($text, $shown, $sentence) = @_;
	$mallory->say($text);
	$alice->next_is("<mallory> $shown", $sentence);
	$mallory->next_is("<mallory> $shown", 'for the sender too');
}

shows("\033[31mred\033[0m", '\\033[31mred\\033[0m',
    'an escape sequence is made visible');
shows("\033]0;title\007", '\\033]0;title\\007', 'one that sets a title too');
shows("\xc2\x9b31m", '\\302\\23331m', 'one that begins with C1 too');
shows("a\bb\x7fc", 'a\\010b\\177c', 'backspace and delete too');
shows("a\tb", "a\tb", 'a tab is kept');
shows("\xfe\xf9\xc3", '\\376\\371\\303', 'bytes that are not UTF-8 too');
shows("\xc0\xaf", '\\300\\257', 'overlong forms too');
shows("\xed\xa0\x80", '\\355\\240\\200', 'surrogates too');
shows("ab\xe2\x80\xaedc\xe2\x80\xac", 'ab\\342\\200\\256dc\\342\\200\\254',
    'characters that reorder text too');
shows("a\xe2\x80\x8bb\xef\xbb\xbfc", 'a\\342\\200\\213b\\357\\273\\277c',
    'characters that hide too');
shows("\xe2\x80\xa8", '\\342\\200\\250', 'a line separator too');
shows("na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80",
    "na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80",
    'text in any script is kept');
shows("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
    'a joiner between two emoji is kept');
shows("a\xe2\x80\x8db", 'a\\342\\200\\215b',
    'a joiner between two letters is not');
my $word = "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae\xd9\x88\xd8\xa7\xd9\x87\xd9\x85";
shows($word, $word, 'a non-joiner in a Persian word is kept');
shows("a\xe2\x80\x8cb", 'a\\342\\200\\214b',
    'a non-joiner between two Latin letters is not');
shows('\\033', '\\033', 'a backslash is left alone');

shows('-- bob joined', '-- bob joined', 'a notice cannot be forged');
shows('<alice> I resign', '<alice> I resign', "nor another's message");
shows('!! error', '! error', 'nor an error');
shows("x\r<alice> I resign", 'x\\015<alice> I resign',
    'nor with a carriage return');
shows('1795996800123456' . "\tmsg\talice\tI resign",
    "1795996800123456\tmsg\talice\tI resign", 'nor in TSV');

my $tess = $room->enter('tess', tsv => 1);
$mallory->say("x\t1\tmsg\talice\tI resign");
$tess->next_is(qr/^\d{16}\tmsg\tmallory\tx\t1\tmsg\talice\tI resign$/,
    'it stays in the text of its sender');

$mallory->say("!name \033[2J");
$mallory->sees(qr/^!! /, 'an error makes visible what it repeats, if so');
$mallory->say("!msg \xff\033 hi");
$mallory->sees(qr/^!! /, 'also for !msg');
$mallory->say("!\033c");
$mallory->sees(qr/^!! /, 'also for an unknown command');
my $guest = $room->connect->say("x\033c");
$guest->sees(qr/^!! .*\\033c/, 'also before the name');

srand 42;
my $noise = '';
for (1 .. 2000) {
	my $line = join '', map { chr int rand 256 } 1 .. 1 + rand 80;
	$line =~ s/\n//g;
	$line =~ s/\A!/?/;
	$noise .= "$line\n";
}
$mallory->send($noise)->say('!me done');
my @lines = $alice->expect('* mallory done');
cmp_ok(@lines, '>', 1900,
    'two thousand lines of random bytes arrive as messages');
is((grep { !/^<mallory> |^\* mallory done|^-- tess joined/ } @lines), 0,
    'each in a line of its sender, with nothing raw in it');
$room->stop;
done_testing;
