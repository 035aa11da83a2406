#!/usr/bin/env perl
#
# Goal: in a terminal chatc keeps the line that the user types whole while
# others talk, and restores the terminal at its end.

use strict;
use warnings;
use utf8;
use lib 'tests/lib';
use Cwd;
use POSIX ();
use Proxy;
use Room;
use Terminal;
use Test::More;
use Wait;

Room::expects(qr/bob\d* left \(killed\)/);

plan skip_all => 'no tmux' if !Terminal::available();
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $room = Room->start;
my $ann = $room->enter('ann', tsv => 1);
my $chatc = ($ENV{CHATC} // getcwd . '/chatc/chatc') .
    " $room->{host} $room->{port}";
my $time = qr/\d\d:\d\d/;

sub bytes { my ($text) = @_; utf8::encode($text); return $text }

# A terminal with chatc in it, in the room.
sub window {
	my ($name, $columns, $rows, %env) = @_;

	my $t = Terminal->start($columns, $rows);
	my %set = (CHATC_NAME => $name, %env);
	$t->type(join(' ', (map {"$_=$set{$_}"} sort keys %set), $chatc));
	$t->keys('Enter');
	$t->expect(qr/-- $name joined\n/);
	return $t;
}

my $t = window('bob', 60, 16);
$t->shows(qr/^$time\ --\ this\ is\ chatserv:\ !help\ says.*!quit\s+leaves\n
    $time\ --\ welcome\ bob\n$time\ --\ bob\ joined\n
    $time\ --\ 2\ here:\ bob\ ann\n>/mxs,
    'the user learns how to get help and to leave, and who is here');

# Typing while others talk.
$t->type('what I ty');
$t->expect(qr/^> what I ty$/m);
$ann->say("line $_") for 1 .. 3;
my $lines = join '\n', map {"$time <ann> line $_"} 1 .. 3;
$t->shows(qr/^$lines\n> what I ty$/m,
    'lines appear above the line that the user types');
$t->type('pe')->keys('Enter');
$ann->expect(qr/\tmsg\tbob\twhat I type\z/);
$t->shows(qr/<ann> line 3\n$time <bob> what I type\n>$/m,
    'a line that the user says appears once, as the room saw it');
$t->type('!who')->keys('Enter');
$t->shows(qr/-- bob is here from .*\n$time -- 2 here\n/,
    'a line that begins with ! is a command');
$t->type('!!who')->keys('Enter');
$ann->expect(qr/\tmsg\tbob\t!who\z/);
$t->shows(qr/<bob> !who\n/, '!! is one ! of text');
$t->type('!nonsense')->keys('Enter');
$t->shows(qr/^$time !! no such command/m, 'an error looks different');

# Editing.
sub edits {
	my ($name, $result, @keys) = @_;

	for (@keys) {
		ref $_ ? $t->type(bytes($$_)) : $t->keys($_);
	}
	$t->keys('Enter');
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $line = $ann->expect(qr/\tmsg\tbob\t/);
	utf8::decode($line);
	is($line =~ s/.*\tbob\t//r, $result, $name);
}

edits('backspace takes a character', 'ac', \'ab', 'BSpace', \'c');
edits('it takes one of several bytes', 'äc', \'ä日', 'BSpace', \'c');
edits('and one with its marks', 'nx', \"ne\x{301}\x{327}", 'BSpace', \'x');
edits('left and right move by characters', "a日bé\x{308}c",
    \"aé\x{308}", 'Left', \'日', \'b', 'Right', \'c');
edits('home and end go to the ends', 'start middle end',
    \'middle', 'Home', \'start ', 'End', \' end');
edits('so do ^A and ^E', 'start middle end',
    \'middle', 'C-a', \'start ', 'C-e', \' end');
edits('delete takes the character under the cursor', 'ac', \'abc',
    'Left', 'Left', 'DC');
edits('^D does too, in a line', 'ac', \'abc', 'Left', 'Left', 'C-d');
edits('^U takes all before the cursor', 'c', \'abc', 'Left', 'C-u');
edits('^K takes all after it', 'ab', \'abc', 'Left', 'C-k');
edits('^W takes a word', 'one three', \'one two ', 'C-w', \'three');
edits('up brings back what was said', 'one three!', 'Up', \'!');
edits('several times', 'ab?', 'Up', 'Up', 'Up', \'?');
edits('and down goes back to what one was typing', 'draft', \'draft', 'Up',
    'Up', 'Down', 'Down');
edits('keys that mean nothing here leave nothing', 'ok', \'o', 'F5', 'C-g',
    'M-x', 'PPage', \'k');

# The cursor is where the next character goes, whatever the width.
$t->type(bytes("日本é\x{301}x"));
$t->expect(qr/^> 日本é\x{301}?x$/m);
is(($t->cursor)[0], 2 + 2 + 2 + 1 + 1, 'the cursor knows wide characters');
$t->keys(qw(Left Left Left));
Wait::until_true(sub { ($t->cursor)[0] == 4 }, 0.03);
is(($t->cursor)[0], 2 + 2, 'and marks that have no width');
$t->keys('C-e', 'C-u');

# Lines longer than the window.
my $long = join ' ', map {"word$_"} 1 .. 40;
$t->type($long);
$t->shows(qr/^> .*word40$/m, 'of a long line the part at the cursor is seen');
$t->keys('C-a');
$t->shows(qr/^> word1 word2/m, 'wherever that is');
$ann->say('meanwhile');
$t->shows(qr/<ann> meanwhile\n> word1 word2/, 'and the line remains whole');
$t->keys('Enter');
is($ann->expect(qr/\tmsg\tbob\tword1/) =~ s/.*\t//r, $long,
    'all of it is published');

# Paste.
my @poem = map {"verse $_\twith a tab"} 1 .. 30;
$t->paste(join("\n", @poem) . "\n");
is_deeply([map { $ann->expect(qr/\tverse $_\t/) =~ s/.*?\tbob\t//r }
    1 .. 30], \@poem, 'pasted lines are published one by one, tabs and all');
$t->paste('x' x 9000)->keys('Enter');
is(join('', map { $ann->expect(qr/\tmsg\tbob\tx+\z/) =~ s/.*\t//r } 1 .. 3),
    'x' x 9000, 'a pasted line that is too long becomes several');

# Names.
my @more = map { $room->enter($_) } qw(Carla carlos);
$t->expect(qr/carlos joined/);
edits('Tab completes a name', 'ann: hi', \'an', 'Tab', \'hi');
edits('anywhere, in either case', 'hello Carla you', \'hello carla',
    'Tab', \'you');
$t->type('c')->keys('Tab', 'Tab');
$t->shows(qr/-- Carla carlos\n(?:.*\n)*> [Cc]arl$/m,
    'or shows which there are, and what they have in common');
$t->keys('C-u');
$_->say('!quit')->rest for @more;

# Window size, ^L.
$t->type('still here');
$t->expect(qr/^> still here$/m);
$t->resize(30, 10);
$t->expect(qr/^> still here$/m);
$ann->say('narrow');
$t->shows(qr/<ann> narrow\n> still here$/m, 'the window may be resized');
$t->type(' and more than fits into it');
$t->expect(qr/fits into it$/m);
$t->resize(16, 10);
$t->resize(60, 16);
$ann->say('wide');
$t->shows(qr/<ann> wide\n> still here and more than fits into it$/m,
    'even while the line is longer than it');
$t->keys('C-l');
$t->shows(qr/\A> still here and more than fits into it\n\z/,
    '^L clears all but what one is typing');
$t->keys('C-u');

# Suspend and resume.
$t->type('unfinished');
$t->expect(qr/^> unfinished$/m);
$t->keys('C-z')->expect(qr/READY/)->type('stty -a')->keys('Enter');
$t->shows(qr/(?<!-)icanon/, 'suspended, it gives the terminal back');
$ann->say('asleep');
$t->type('clear; fg')->keys('Enter');
$t->shows(qr/<ann> asleep\n> unfinished$/m,
    "resumed, it shows what was said, and the user's line");
$t->type(' business')->keys('Enter');
is($ann->expect(qr/\tmsg\tbob\tunf/) =~ s/.*\t//r, 'unfinished business',
    'and the user continues to type');

# The ways out.
sub ends {
	my ($name, $reason, $status, $code) = @_;

	my $w = window('bob2', 80, 24);
	$w->type('half a li');
	$w->expect(qr/^> half a li$/m);
	$code->($w);
	my $line = $ann->expect(qr/\tleave\tbob2\t/);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$w->expect(qr/READY *$/m);
	$w->type('s=$?; clear; echo "status $s."; stty -a')->keys('Enter');
	$w->shows(qr/(?<!-)icanon.*(?<!-)echo\b/s,
	    "$name, the terminal is as it was");
	$w->shows(qr/^status $status\./m, "$name, the status is $status");
	like($line, $reason, "$name, the room sees why");
	$w->type('exit')->keys('Enter');
}

# The chatc in a terminal.
sub inside {
	my ($w) = @_;
	my $shell = $w->pid;
	my ($one) = grep { $_->{parent} == $shell } Room::processes();
	return $one->{pid};
}

ends('after ^D', qr/\tquit\z/, 0, sub { $_[0]->keys('C-u', 'C-d') });
ends('after mistakes that were told', qr/\tquit\z/, 0, sub {
	my ($w) = @_;
	$w->keys('C-u')->type('!nonsense')->keys('Enter');
	$w->expect(qr/!! no such command/)->type('!me ')->keys('Enter');
	$w->expect(qr/!me needs a text/)->keys('C-d');
});
ends('after !quit', qr/\tquit: bye\z/, 0,
    sub { $_[0]->keys('C-u')->type('!quit bye')->keys('Enter') });
ends('after ^C', qr/\t(?:quit|connection lost)\z/, 130,
    sub { $_[0]->keys('C-c') });
for my $signal (qw(TERM HUP SEGV ABRT)) {
	ends("after a SIG$signal", qr/\t(?:quit|connection lost)\z/,
	    128 + POSIX->can("SIG$signal")->(),
	    sub { kill $signal, inside($_[0]) });
}
ends('after a kick', qr/\tkilled|\tquit|\tended/, 1,
    sub { kill 'TERM', $room->session_of('bob2') });

# A connection that is lost and returns while the user types.
my $proxy = Proxy->new($room->{host}, $room->{port});
my $r = Terminal->start(60, 16);
$r->type(($ENV{CHATC} // getcwd . '/chatc/chatc') .
    " -R -n roamer 127.0.0.1 $proxy->{port}")->keys('Enter');
$r->expect(qr/-- roamer joined\n/)->type('half');
$r->expect(qr/^> half$/m);
$proxy->busy_pair(10)->break('reset');
$r->shows(qr/-- connection lost; trying again\n(?:.*\n)*> half$/m,
    "a lost connection is reported above the user's line");
$r->type(' and half')->keys('Enter');
$r->shows(qr/-- connected again\n(?:.*\n)*$time <roamer> half and half\n>/m,
    "with -R the user's line is published after the connection returns");
$r->keys('C-d');
$ann->expect(qr/\tleave\troamer\tquit/);

# A command that asks something on the terminal before it connects.
SKIP: {
	skip 'no nc', 3 if !grep { -x "$_/nc" } split /:/, $ENV{PATH};
	my $asks = Terminal->start(60, 16);
	$asks->type(($ENV{CHATC} // getcwd . '/chatc/chatc') . ' -R -n asked ' .
	    "-e 'exec 3>&1 </dev/tty >/dev/tty; printf pass:; read x; " .
	    "test \$x = key && exec nc $room->{host} $room->{port} " .
	    "<&3 >&3'");
	$asks->keys('Enter')->expect(qr/pass:/)->type('key')->keys('Enter');
	$asks->shows(qr/-- asked joined\n(?:.*\n)*>/,
	    'a command can ask for a password');
	my $chatc = inside($asks);
	kill 'KILL', map { $_->{pid} } grep { $_->{parent} == $chatc }
	    Room::processes();
	$asks->shows(qr/asked joined\n(?:.*\n)*(?:chatc: .*\n)*pass:/,
	    'even when it is started again');
	$asks->type('key')->keys('Enter');
	$asks->shows(qr/connected again\n(?:.*\n)*>/,
	    'and then the user continues to type');
	$asks->keys('C-d');
}

# Colours, or none.
sub colours {
	my ($name, %env) = @_;

	my $w = window($name, 80, 24, %env);
	$ann->say("hello $name");
	$w->expect(qr/<ann> hello $name$/m);
	my $screen = $w->screen('-e');
	$w->keys('C-d');
	return $screen;
}

my ($first) = colours('col1') =~ /(\S*ann\S*> hello)/;
my ($second) = colours('col2') =~ /(\S*ann\S*> hello)/;
like($first, qr/\e\[\d+m.*ann/, 'a name has a colour');
is($second, $first, 'which is always the same');
unlike(colours('plain1', NO_COLOR => 1), qr/\e\[\d/, 'NO_COLOR is honoured');
unlike(colours('plain2', TERM => 'vt100'), qr/\e\[3\d/,
    'on a terminal without colours there are none');

my $dumb = window('dumb', 80, 24, TERM => 'dumb');
$dumb->type('plain line')->keys('Enter');
$dumb->shows(qr/^plain line\n$time <dumb> plain line$/m,
    'a dumb terminal has plain lines');
$dumb->keys('C-d');
$ann->expect(qr/\tleave\tdumb\tquit/);

$room->stop;
done_testing();
