#!/usr/bin/env perl
#
# Goal: people can talk with telnet(1) and PuTTY: what these send for keys and
# options never becomes a part of a name or a message, and neither waits for
# an answer.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Terminal;
use Test::More;

my $room = Room->start;
my $alice = $room->enter('alice');

# What PuTTY sends when it connects: seven offers and requests.
my $PUTTY = pack 'H*', 'fffb1ffffb20fffb18fffb27fffd01fffb03fffd03';
my $WONT_MARK = "\xff\xfc\x06";

my $bob = $room->connect->send("${PUTTY}bob\r\n");
$bob->sees('-- welcome bob, 2 here: alice bob',
    "the options that PuTTY offers are not a part of the user's name");
$bob->expect('-- bob joined');
$alice->expect('-- bob joined');

# Client.pm takes no line with raw bytes: the answer comes before the line.
$bob->send("\xff\xf4\xff\xfd\6hello\r\n");
is($bob->take_line, "$WONT_MARK<bob> hello\n",
    'telnet, which waits for it after ^C, is told that there is no mark');
$alice->next_is('<bob> hello', 'and the room hears nothing of ^C');
$bob->send("\xff\xf4\xff\xfd\6");
Wait::until_true(sub { length $bob->{in} >= 3 });
is(substr($bob->{in}, 0, 3, ''), $WONT_MARK,
    'it is told so at once, and not only at the end of the line');
$bob->send("half \xff");
is(join("\n", $alice->until_now), '', 'half a command is not shown');
$bob->send("\xfaxy\n\n\xff\xffz\xff");
is(join("\n", $alice->until_now), '', 'nor is half a subnegotiation');
$bob->send("\xf0a line\r\n");
$alice->next_is('<bob> half a line',
    'which may contain line feeds and arrive in pieces');
$bob->expect('<bob> half a line');

$bob->send("\xff\xfa" . "\xff\xff" x 500 . 'x' x 12 . "over\r\n");
$alice->next_is('<bob> over',
    'one without an end does after 512 bytes, of which 377 377 is one');
$bob->expect('<bob> over');

my $tess = $room->enter('tess', tsv => 1);
$tess->send("\xff\xfd\6x\n");
$tess->next_is(qr/\t\\377\\375\\006x$/, 'for programs they are bytes like others');
$tess->say('!quit');
$alice->expect('-- tess left (quit)');
my $tom = $room->connect->send("!tsv\ntom\n\xff\xfd\6x\n");
$tom->sees(qr/\t\\377\\375\\006x$/,
    'also for one that sends everything at once');
$tom->say('!quit');
$alice->expect('-- tom left (quit)');

sub has {
	my ($program) = @_;
	return grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

# A person in a terminal, with this command, who presses these keys on the way.
sub talks_with {
	my ($name, $command, @keys) = @_;
	my $t = Terminal->start(80, 24);

	$t->type($command)->keys('Enter')->expect(qr/what is your name\?/);
	$t->type($name)->keys('Enter');
	$t->shows(qr/^-- welcome \Q$name\E,/m, "$name enters");
	$alice->expect("-- $name joined");
	$t->keys(@keys) if @keys;
	$t->type('hello')->keys('Enter');
	$t->shows(qr/^<\Q$name\E> hello/m, "$name hears the room");
	$alice->next_is("<$name> hello", 'which hears the text alone');
	$alice->say("!msg $name still there?");
	$t->shows(qr/> still there\?$/m, 'and goes on hearing it');
	$alice->expect("<alice>$name> still there?");
	$t->type('!quit')->keys('Enter');
	$alice->sees("-- $name left (quit)", "$name leaves");
}

SKIP: {
	skip 'no tmux here', 10 if !Terminal::available();
	SKIP: {
		skip 'no telnet here', 5 if !has('telnet');
		talks_with(ted => "telnet $room->{host} $room->{port}",
		    'C-c');
	}
	SKIP: {
		skip 'no plink here', 5 if !has('plink');
		talks_with(pat => "plink -telnet -P $room->{port} $room->{host}");
	}
}
$room->stop;
done_testing();
