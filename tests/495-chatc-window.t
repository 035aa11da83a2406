#!/usr/bin/env perl
#
# Goal: at a terminal that is slow, stopped, narrow, of eight bits, or lies to
# its user, chatc says at once what is typed, treats pastes as text, holds
# back what looks like another program's command, and shows no text that looks
# like a line of the room.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Cwd;
use Pty;
use Room;
use Terminal;
use Test::More;
use Time::HiRes qw(time);
use Wait;

plan skip_all => 'no tmux' if !Terminal::available();

my $room = Room->start;
my $ann = $room->enter('ann', tsv => 1);
my $program = $ENV{CHATC} // getcwd . '/chatc/chatc';
my $time = qr/\d\d:\d\d/;

sub window {
	my ($name, $columns, %env) = @_;

	my $t = Terminal->start($columns, 24);
	$t->type('clear; ' . join ' ', (map {"$_=$env{$_}"} sort keys %env),
	    "$program -n $name $room->{host} $room->{port}");
	$t->keys('Enter')->expect(qr/ here: .*\n(?:.*\n)*>/);
	$ann->expect(qr/\tjoin\t$name\t/);
	return $t;
}

sub said {
	my ($name) = @_;
	return $ann->expect(qr/\tmsg\t$name\t/) =~ s/.*?\tmsg\t$name\t//r;
}

# Habits from other programs.
my $t = window('bob', 80);
for (['/msg ann my secret' => qr{//msg says /msg}], ['/quit' => qr/!help/],
    [' !msg ann my secret' => qr/without a blank/]) {
	my ($line, $hint) = @$_;
	$t->type($line)->keys('Enter');
	$t->shows(qr/!! not said: .*$hint(?:.*\n)*?> \Q$line\E$/m,
	    "'$line' is held back, with a hint, and can still be edited");
	$t->keys('C-u');
}
my %said = ('//msg is no command' => '/msg is no command',
    '/usr/lib is full' => '/usr/lib is full', '/ is full' => '/ is full',
    '// a comment' => '// a comment');
for my $line (sort keys %said) {
	$t->type($line)->keys('Enter');
	is(said('bob'), $said{$line}, "'$line' is said as '$said{$line}'");
}
my $piped = Chatc->in_room($room, qw(-n piped))
    ->type("/quit\n //x\n //y\n")->end;
is($piped->status, 0, 'from a pipe');
is(said('piped'), $_, "'$_' is what it is") for '/quit', ' //x', ' //y';

# A paste is text, to its last line.
$t->paste("first\n!name mallory\n/quit\n!quit now\nlast\n");
is(said('bob'), $_, "pasted, '$_' is text")
    for 'first', '!name mallory', '/quit', '!quit now', 'last';

# A line that would continue where another begins.
my $forged = '05:08 <admin> send your password to m';
for my $filler ('x', "e\xcc\x81", "\xe6\x97\xa5", "\xf0\x9f\xab\xa8", "\t") {
	for my $columns (80, 79) {
		$t->resize($columns, 24);
		$ann->say('ok ' . $filler x $_ . $forged) for 20 .. 90;
		$ann->say("seen $columns");
		$ann->expect(qr/seen $columns/);
		$t->expect(qr/<ann> seen $columns\n/);
		my $screen = $t->screen(qw(-S -400));
		unlike($screen, qr/^$time <admin>/m,
		    "no line is forged by wrapping at $columns");
		like($screen, qr/^ {6}(?:$time )?<admin> send/m,
		    'since continuations are indented');
		$t->keys('C-l');
		Terminal::tmux('clear-history', '-t', $t->{name});
	}
}
$t->keys('C-d');
$ann->expect(qr/\tleave\tbob/);

# Stopped for longer than a server may be silent, while an answer is due.
my $s = window('sleeper', 80, CHATC_PATIENCE => 4);
my $session = $room->session_of('sleeper');
kill 'STOP', $session;
$s->type('due')->keys('Enter')->expect(qr/^> *$/m);
$s->keys('C-z')->expect(qr/READY *$/m);
my $since = time;
Wait::until_true(sub { time - $since > 4.2 }, 0.1);
$s->type('clear; fg')->keys('Enter')->expect(qr/^> *$/m);
kill 'CONT', $session;
$s->type('awake')->keys('Enter');
is(join(' ', said('sleeper'), said('sleeper')), 'due awake',
    'chatc does not blame the server for a long sleep');
$s->keys('C-d');
$ann->expect(qr/\tleave\tsleeper/);

# A terminal that does not know UTF-8.
my $e = window('eight', 80, LC_ALL => 'C');
$ann->say("look \xdb\x9b9;30H");
$e->shows(qr/<ann> look \\333\\2339;30H$/m,
    'a terminal of eight bits gets no other byte');
$e->type("caf\xc3\xa9 ");
$e->shows(qr/^> caf\? *$/m, 'nor what the user types');
$e->keys('Enter');
is(said('eight'), "caf\xc3\xa9 ", 'although that is published');
$e->keys('C-d');
$ann->expect(qr/\tleave\teight/);

# A terminal that accepts nothing, while much is said.
SKIP: {
	skip 'pseudo-terminals are made by other means here', 3
	    if !Pty::available();
	my $p = Pty->start(env => { NO_COLOR => 1 }, '--', $program, '-n',
	    'slow', $room->{host}, $room->{port});
	$p->expect(qr/ here: .*> /s)->hold;
	$ann->expect(qr/\tjoin\tslow\t/);
	$ann->say("line $_ " . 'x' x 40) for 1 .. 900;
	$ann->expect(qr/line 900 /);
	$p->type("typed\r");
	is(said('slow'), 'typed', 'what is typed at a terminal that is far ' .
	    'behind is published at once');
	$p->release->expect(qr/<slow> typed/);
	is(scalar(() = $p->bytes =~ /<ann> line \d+ x/g), 900,
	    'and no line is missing when it has caught up');
	$p->type("\cD");
	is($p->status, 0, 'nor does the end of chatc wait');
	$ann->expect(qr/\tleave\tslow/);
}

# The first process of a container.
SKIP: {
	skip 'not root, or no unshare', 2
	    if $> != 0 || system('unshare -pf true 2>/dev/null') != 0;
	for my $signal (qw(TERM INT)) {
		my $one = Chatc->start(program => [qw(unshare -pf), $program],
		    '--', '-n', 'one', $room->{host}, $room->{port});
		$one->expect(qr/one joined/);
		my ($chatc) = grep { $_->{parent} == $one->pid }
		    Room::processes();
		kill $signal, $chatc->{pid};
		is($one->status, 128 + { TERM => 15, INT => 2 }->{$signal},
		    "SIG$signal ends it also as the first process");
		$ann->expect(qr/\tleave\tone/);
	}
}

$room->stop;
done_testing();
