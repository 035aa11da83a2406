#!/usr/bin/env perl
#
# Goal: the server keeps the promises of chatproto(7) to authors of clients
# that no other test checks: the longest lines, repeated settings, tokens over
# a change of name, and what a count of lost events includes.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(qr/tom left \(replaced\)/, qr/slow lapped, lost \d+ events/);

my $room = Room->start('-r', '64k');
my $ann = $room->enter('a' x 32, tsv => 1);
my $ben = $room->enter('b' x 32);
$ann->expect(qr/\tjoin\tb+\t/);

# The longest lines there are: everything in them becomes visible.
my ($longest) = (0);
for my $line ("\e" x 4096, '!me ' . "\e" x 4092,
    '!msg ' . 'b' x 32 . ' ' . "\e" x (4096 - 38)) {
	$ann->say($line);
	for my $seen ($ann->expect(qr/\\033\z/), $ben->expect(qr/\\033\z/)) {
		$longest = length $seen if length $seen > $longest;
	}
}
cmp_ok($longest, '>', 4 * 4096, 'a line grows when it is made visible');
cmp_ok($longest, '<=', 16500, 'but to no more than 16500 bytes');
$ann->say('!me ' . 'x' x 4093);
$ann->next_is(qr/\A-\terr\t\t/, 'the 4096 bytes include the command');

# Settings.
$ann->say($_) for qw(one two three);
$ben->expect(qr/three/);
my $cat = $room->connect;
$cat->say($_) for '!since 0', '!last 3', '!last 1', '!tsv', 'not a name',
    'A' x 32, 'cat';
my @entry = $cat->expect(qr/\tjoin\tcat\t/);
is((grep {/\terr\t/} @entry), 2, 'two bad names');
is(join(' ', map { /\tmsg\ta+\t(.*)/ ? $1 : () } @entry), 'three',
    'settings survive a refused name, and the last one counts');
$ben->expect('-- cat joined');
$cat->say('!quit ' . "\e" x 4090)->say('after');
my $bye = $cat->line;
is($bye, "-\tbye\tcat\tquit: " . '\\033' x 4090, 'a reason is kept whole');
cmp_ok(length $bye, '<=', 16500, 'and no longer than any other line');
$ben->next_is('-- cat left (quit: ' . '\\033' x 4090 . ')',
    'and lines after !quit are ignored');

# Tokens.
$cat = $room->enter('cat', tsv => 1);
my ($token) = $cat->{entry}[0] =~ /([0-9a-f]{32})/;
$cat->say('!name tom')->expect(qr/\tname\tcat\ttom\z/);
$ben->expect('-- cat is now tom');
my $back = $room->connect;
$back->say($_) for '!tsv', "!token $token", 'TOM';
$back->sees("-\thello\ttom\t$token",
    'a token is valid after a change of name, too');
$cat->sees("-\tbye\ttom\treplaced", 'the older connection is told');
$back->say('I am here');
$back->expect(qr/\tmsg\ttom\tI am here\z/);
$ben->next_is('<tom> I am here', 'and the room sees neither leave nor join');
my $thief = $room->connect;
$thief->say($_) for '!token ' . '0' x 32, 'tom';
$thief->sees('!! the name tom is taken: choose another',
    'another token does not help');
$thief->say("!token $token")->say('free');
$thief->expect('-- free joined');
$thief->say('!quit')->rest;
$ben->expect('-- free left (quit)');

# Lost events: private ones between others count, for they were in the ring.
my $slow = $room->enter('slow', tsv => 1, rcvbuf => 4096);
$ben->expect('-- slow joined');
$slow->freeze;
my ($EACH, $text) = (6000, 'x' x 300);
for (1 .. $EACH) {
	$ann->say('!msg ' . 'b' x 32 . " $text")->say($text);
}
$ann->say('the end');
$ben->expect('<' . 'a' x 32 . '> the end');
my @seen = $slow->thaw->expect(qr/\tmsg\ta+\tthe end\z/);
my $lost = 0;
$lost += $_ for map { /\A-\tlost\t\t(\d+)\z/ ? $1 : () } @seen;
my $shown = grep {/\tmsg\t/} @seen;
cmp_ok($lost, '>', $EACH + 1 - $shown,
    'a count of lost events holds more than what would have been shown');
cmp_ok($lost, '<=', 2 * $EACH + 1 - $shown, 'and no more than there were');

# History that is overwritten.
my $old = $room->connect;
$old->say($_) for '!tsv', '!since 1', 'old';
my ($gone) = map { /\A-\tlost\t\t(\d+)\z/ ? $1 : () }
    $old->expect(qr/\tjoin\told\t/);
cmp_ok($gone, '>', 0, 'for an ID that is too old the server reports a loss');
cmp_ok($gone, '<=', 65536 / 32,
    'of as many as the index knows, at most');

$room->stop;
done_testing();
