# Goal: each LF ends a line, however the lines arrive: in pieces, many at a
# time, with CR LF or CR NUL LF, too long, or without an end.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(qr/refused: that line is longer than 4096 bytes/);
my $room = Room->start;
my $alice = $room->enter('alice');
my $bob = $room->enter('bob');
$alice->expect('-- bob joined');

$bob->send('hel');
is(join("\n", $alice->until_now), '', 'half a line is not shown');
$bob->send("lo\n");
$alice->next_is('<bob> hello', 'the other half makes it a line');
$bob->expect('<bob> hello');

my @heard;
for my $byte (split //, "one byte\r\nat a time\r\0\n") {
	$bob->send($byte);
	push @heard, $alice->until_now if $byte =~ /[\r\0]/;
}
push @heard, $alice->expect('<bob> at a time');
is(shift @heard, '<bob> one byte', 'CR LF, a byte at a time, end a line');
is("@heard", '<bob> at a time', 'CR NUL LF, a byte at a time, end a line');
$bob->expect('<bob> at a time');

$bob->send(join '', map {"line $_\n"} 1 .. 500);
my @lines = $alice->expect('<bob> line 500');
is("@lines", join(' ', map {"<bob> line $_"} 1 .. 500),
    'many lines in one segment are as many messages');
$bob->expect('<bob> line 500');

$bob->send("two\r\r\n");
$alice->next_is('<bob> two\\015', 'of two CRs one is text');
$bob->send("in\rside\n");
$alice->next_is('<bob> in\\015side', 'a CR inside is text');
$bob->send("nul\0\n");
$alice->next_is('<bob> nul\\000', 'a NUL without CR is text');
$bob->until_now;

my $long = join '', map { chr ord('a') + $_ % 26 } 1 .. 4096;
for my $end ("\n", "\r\n", "\r\0\n") {
	$bob->send($long . $end);
	$alice->next_is("<bob> $long", '4,096 bytes are a line, with ' .
	    ({ "\n" => 'LF', "\r\n" => 'CR LF' }->{$end} // 'CR NUL LF'));
}
my $control = "\1" x 4096;
$bob->say($control);
$alice->next_is('<bob> ' . '\\001' x 4096,
    '4,096 control characters are a line, made visible whole');
$bob->until_now;

$bob->say("${long}x");
$bob->next_is(qr/^!! /, '4,097 bytes get an error');
$bob->say('short');
$alice->next_is('<bob> short', 'and are refused whole; the next line is fine');
$bob->expect('<bob> short');

$bob->send('endless' x 300_000);
$bob->next_is(qr/^!! /, 'a line without an end gets an error');
$bob->send("\nand on\n");
is(join("\n", $bob->expect('<bob> and on')), '<bob> and on',
    'once, and when it ends at last the next line is fine');
$alice->next_is('<bob> and on', 'nobody else sees anything of it');

$bob->send("$long$long\n$long$long\nthere\n");
@lines = $bob->expect('<bob> there');
is((grep { /^!! / } @lines), 2, 'two long lines get two errors');
$alice->next_is('<bob> there', 'and the third line is fine');

$bob->send($long x 5)->half_close;
@lines = $bob->rest;
is((grep { /^!! / } @lines), 1, 'a long line without LF at the end is an error');
is($lines[-1], '-- goodbye (quit)', 'and the end is in order');
$alice->next_is('-- bob left (quit)', 'for the others too');

my $guest = $room->connect->send($long x 2 . "\ncarol\n");
is((grep { /^!! / } $guest->rest), 1,
    'a name that is too long for a line ends the connection');
$guest = $room->connect->send("carol\n");
$guest->say('!name ' . 'x' x 4090)->sees(qr/^!! /,
    'a command may be as long as a line');
$room->stop;
done_testing;
