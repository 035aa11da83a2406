#!/usr/bin/env perl
#
# Goal: chatc says its standard input in the room, in every form, complete to
# its last line, and exits when the server has published it.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
use Room;
use Test::More;

my $room = Room->start;
my $ear = $room->enter('ear', tsv => 1);

# What the room received from this name, up to its leave.
sub heard {
	my ($name) = @_;
	return map { /\A\d+\tmsg\t\Q$name\E\t(.*)/ ? $1 : () }
	    $ear->expect(qr/\A\d+\tleave\t\Q$name\E\t/);
}

my ($status, $out, $err) = Chatc->run($room, "a\nb", qw(-n pipe));
is_deeply([heard('pipe')], ['a', 'b'],
    'a last line without a newline is published like the others');
is($status, 0, 'and that is a success');
is($out, "-- pipe joined\n<pipe> a\n<pipe> b\n",
    'the lines that chatc publishes return on standard output');
is($err, '', 'and standard error is empty');

($status) = Chatc->run($room, '', qw(-n nothing));
is_deeply([$status, heard('nothing')], [0], 'empty input ends at once');
($status) = Chatc->run($room, undef, qw(in /dev/null -- -n null));
is_deeply([$status, heard('null')], [0], 'so does /dev/null');
($status) = Chatc->run($room, undef, qw(in closed -- -n closed));
is_deeply([$status, heard('closed')], [0], 'so does a closed input');

my $file = File::Temp->new;
print $file "from\na file\n";
close $file;
($status) = Chatc->run($room, undef, 'in', "$file", qw(-- -n file));
is_deeply([$status, heard('file')], [0, 'from', 'a file'],
    'a file is published line by line');

($status, $out, $err) = Chatc->run($room, undef, qw(in / -- -n dir));
is($status, 1, 'an input that cannot be read is an error');
like($err, qr/\Achatc: standard input: .+\n\z/, 'and reported in one line');
heard('dir');

($status) = Chatc->run($room, "\n\na\n\r\n\nb\r\n\n", qw(-n blank));
is_deeply([$status, heard('blank')], [0, 'a', 'b'],
    'empty lines are skipped, and a CR before the newline is');

($status) = Chatc->run($room, "!quit\n!! twice\n!\n", qw(-n bang));
is_deeply([$status, heard('bang')], [0, '!quit', '!! twice', '!'],
    'from a pipe a line that begins with ! is text');

($status, $out, $err) = Chatc->run($room,
    "!me waves\n!!text\n!msg bob psst\n!quit bye\nmore\n", qw(-c -n cmd));
is_deeply([heard('cmd')], ['!text'],
    'with -c it is a command, and !! stands for one !');
like($out, qr/^\* cmd waves$/m, 'an action is shown as one');
like($err, qr/\Achatc: nobody here has that name\n\z/,
    'an error that a command got is shown');
is($status, 1, 'and is a failure');

($status) = Chatc->run($room, "nul\0nul \e[2J \xFF\n", qw(-n bytes));
is_deeply([$status, heard('bytes')],
    [0, 'nul\000nul \033[2J \377'],
    'bytes that are no text arrive visible, and count as echoed');

# Long lines.
my $long = "h\x{e9}" x 500_000;
utf8::encode($long);
($status) = Chatc->run($room, $long, qw(-n long));
my @parts = heard('long');
is($status, 0, 'a line of more than a megabyte can be published');
is(join('', @parts), $long, 'no byte of it is missing');
is(scalar(grep { length > 4096 || !utf8::decode(my $copy = $_) } @parts), 0,
    'it arrives in parts of at most 4096 bytes, none with half a character');
is(scalar @parts, int((length($long) + 4094) / 4095),
    'which are as few as possible');

my @bangs = ('!' x 4096, '!' x 4095, 'x' x 4096, '!' x 10_000);
($status) = Chatc->run($room, join("\n", @bangs), qw(-n bangs));
is(join('', heard('bangs')), join('', @bangs),
    'no ! is lost from lines of them of the greatest length');
is($status, 0, 'and they all return');

($status, $out, $err) = Chatc->run($room,
    '!msg ear ' . 'x' x 5000 . "\nafter\n", qw(-c -n secret));
is_deeply([heard('secret')], ['after'],
    'no part of a private message that is too long is published');
is($status, 1, 'but chatc refuses it');
is($err, "chatc: that command is too long\n", 'in one line');

# A slow producer.
my $slow = Chatc->in_room($room, qw(-n slow));
for my $n (1 .. 3) {
	$slow->type("slow ");
	$slow->type("$n\n");
	$slow->expect(qr/^<slow> slow $n$/m);
}
is($slow->end->status, 0, 'each line of a slow producer is published at once');

# Much of it.
my @lines = map {"line $_ " . 'x' x ($_ % 150)} 1 .. 20_000;
my $sender = Chatc->in_room($room, qw(-q -n much));
$sender->type(join "\n", @lines);
is($sender->end->status, 0, 'two megabytes of lines are published');
my @heard = heard('much');
is_deeply(\@heard, \@lines, 'and received, all of them, in order');
is($sender->out, join('', map {"<much> $_\n"} @lines),
    'and shown to their sender');

$room->stop;
done_testing();
