#!/usr/bin/env perl
#
# Goal: two windows of tkchat and a chatc talk in the room, and each shows the
# others' messages where it should.

use strict;
use warnings;
use utf8;
use lib 'tests/lib';
use Chatc;
use Room;
use Test::More;
use Wait;
use Window;

plan skip_all => Window::missing() if Window::missing();

# Widgets and pipes speak bytes here.
sub utf {
	my ($text) = @_;

	utf8::encode($text);
	return $text;
}

my $room = Room->start;
my $eve = Chatc->in_room($room, '-c', '-n', 'eve');
$eve->expect(qr/eve joined/);
$eve->type("before you came\n")->expect(qr/before you/);

# Three are here.
my $ann = Window->enter($room, 'ann');
$ann->reads(qr/\teve  before you came\n/,
    'earlier messages are there after a join');
my $bob = Window->enter($room, 'bob');
$ann->becomes('[.room.here.list children {}] eq "ann bob eve"',
    'the list shows who joins');
is($bob->here, 'ann bob eve', 'and the last to join sees all');
is($ann->tcl('.room.here.count cget -text'), '3 here',
    'their number is above');
$ann->reads(qr/^\d\d:\d\d\tbob joined\n/m, 'a join is a line with its time');
is($ann->state, "Connected to 127.0.0.1 port $room->{port} as ann",
    'the state says in which room the user is, and as whom');
is($ann->title, utf('ann at 127.0.0.1 – tkchat'), 'the title too');

# Talk.
$ann->say('hello all');
$_->reads(qr/\tann  hello all\n/,
    'everybody receives a line that one of them sends')
    for $ann, $bob;
$eve->shows(qr/<ann> hello all\n/, 'also a chatc');
is($ann->tcl('.room.say.line get'), '', 'the line is empty again');
my $strange = utf("grüße 😀 שלום می\x{200c}خواهم \\ [exit] \$x {");
$eve->type("$strange\n");
$_->reads(qr/\teve  \Q$strange\E\n/, 'any text is shown as it is')
    for $ann, $bob;
$bob->say(utf("zurück می\x{200c}خواهم"));
$eve->shows(utf("<bob> zurück می\x{200c}خواهم\n"), 'and sent as it is');
$eve->type("!me waves\n");
$ann->reads(qr/\t\* eve waves\n/, 'an action is shown as one');
$ann->tcl('.room.say.line insert 0 "one\ntwo\n"; line_send');
$_->reads(qr/ann  one\n.*ann  two\n/, 'pasted lines are sent one by one')
    for $ann, $bob;
my @own = split ' ', $ann->tcl('.room.talk.text tag ranges own');
is(scalar @own, 4, "one's own messages look different");
isnt($ann->tcl('lsearch -inline [.room.talk.text tag names 3.8] name*'),
    $ann->tcl('name_tag bob'), 'names have colours') ;
is($ann->tcl('name_tag eve'), $bob->tcl('name_tag Eve'),
    'the same one in every window');
$bob->say('x' x 4000);
$ann->reads(qr/x{4000}\n/, 'a long line is whole');
is($ann->tcl('.room.talk.text cget -wrap'), 'word', 'and wrapped');

# Commands.
$ann->say('!who');
$ann->reads(qr/\t3 here: [a-z ]+\n/, 'a command is answered');
$ann->say('!nonsense');
$ann->reads(qr/\tno such command/, 'so is an invalid one');
$bob->say('!name rob');
$_->reads(qr/\tbob is now rob\n/, 'a new name is told') for $ann, $bob;
is($_->here, 'ann eve rob', 'and the list has it') for $ann, $bob;
like($bob->title, qr/^rob at/, 'and the title');

$ann->tcl('on_lost - {} 37');
$ann->reads(qr/\t37 messages lost: /, 'lost messages are reported');

# Private messages, begun with the mouse and with the keyboard.
$ann->tcl('update; lassign [.room.here.list bbox rob] x y; incr x 9; incr y 9');
$ann->tcl('event generate .room.here.list <1> -x $x -y $y; update')
    for 1 .. 2;
is($ann->tcl('.room.say.line get'), '!msg rob ',
    'a double click on a name begins a private message');
is($ann->tcl('focus -lastfor .'), '.room.say.line',
    'and the user can type at once');
$ann->say('psst');
$_->reads(utf('\tann → rob  psst\n'), 'both see it') for $ann, $bob;
ok($_->tcl('llength [.room.talk.text tag ranges secret]') == 2,
    'and that it is private') for $ann, $bob;
$bob->say('open again');
$eve->expect(qr/open again/);
unlike($eve->out, qr/psst/, 'nobody else does');
$ann->press('.room.here.list', '<Home>', '<Down>', '<Return>');
$ann->tcl('.room.here.list focus eve');
$ann->press('.room.here.list', '<Return>');
is($ann->tcl('.room.say.line get'), '!msg eve ', 'so does Enter in the list');

# Earlier lines.
$ann->tcl('.room.say.line delete 0 end; .room.say.line insert 0 draft');
$ann->press('.room.say.line', '<Up>');
is($ann->tcl('.room.say.line get'), '!msg rob psst', 'up: the line before');
$ann->press('.room.say.line', ('<Up>') x 20);
is($ann->tcl('.room.say.line get'), 'hello all', 'and before, to the first');
$ann->press('.room.say.line', ('<Down>') x 20);
is($ann->tcl('.room.say.line get'), 'draft', 'down: back to what was begun');
$ann->tcl('.room.say.line delete 0 end');

# Links.
$ann->tcl('proc link_open {link} {lappend ::opened $link}');
$eve->type("see (https://example.org/a?b=c&d), or http://x.example.\n");
$ann->reads(qr/http:\/\/x\.example\.\n/, 'a message with links comes');
$ann->tcl('update; set found [.room.talk.text tag ranges link]');
$ann->tcl('foreach {from to} $found {.room.talk.text see $from; update; ' .
    'lassign [.room.talk.text bbox $from] x y; event generate ' .
    '.room.talk.text <Motion> -x [incr x 3] -y [incr y 3]; event generate ' .
    '.room.talk.text <1> -x $x -y $y}');
is($ann->tcl('set opened'), 'https://example.org/a?b=c&d http://x.example',
    'links can be clicked, and end where they should');
$ann->press('.room.say.line', '<Control-o>');
is($ann->tcl('lindex $opened end'), 'http://x.example',
    'the last one opens from the keyboard');

# Reading back while others talk.
$eve->type("filler $_\n") for 1 .. 60;
$ann->reads(qr/filler 60\n/, 'much is said');
$ann->becomes('[lindex [.room.talk.text yview] 1] == 1.0',
    'the window scrolls along');
$ann->press('.room.say.line', '<Prior>', '<Prior>');
my $top = $ann->tcl('.room.talk.text index @0,0');
$eve->type("later $_\n") for 1 .. 3;
$ann->reads(qr/later 3\n/, 'more is said');
is($ann->tcl('.room.talk.text index @0,0'), $top,
    'a user who scrolls back is not disturbed');
$ann->becomes('[winfo ismapped .room.talk.below]',
    'a mark says that there is more');
like($ann->tcl('.room.talk.below cget -text'), qr/3 new messages/,
    'and how much');
$ann->press('.room.say.line', '<Control-End>');
$ann->becomes('[lindex [.room.talk.text yview] 1] == 1.0 && ' .
    '![winfo ismapped .room.talk.below]',
    'it vanishes when the end is visible');
$ann->tcl('wm geometry . 600x400; update; wm geometry . 760x560; update');
$ann->press('.room.say.line', ('<Control-plus>') x 4, '<Control-minus>');
is($ann->tcl('set conf(size)'), 13, 'the text can be larger');
$ann->becomes('[lindex [.room.talk.text yview] 1] == 1.0',
    'whatever the size, the end remains visible');
my $light = $ann->tcl('.room.talk.text cget -background');
$ann->tcl('.menu.view invoke Dark; update');
isnt($ann->tcl('.room.talk.text cget -background'), $light, 'or dark');

# Without the focus.
$ann->tcl('proc bell {} {incr ::rung}; set rung 0');
$ann->tcl('event generate . <FocusOut>');
$eve->type("is anybody there?\nannoying\nAnn?\n!msg ann hey\n");
$ann->reads(qr/hey\n/, 'somebody speaks while the user is elsewhere');
like($ann->title, qr/^\(4\) ann at/, 'the title counts what is unread');
is($ann->tcl('set rung'), 2, 'the bell rings for one\'s name and for a secret');
$ann->tcl('event generate . <FocusIn>');
like($ann->title, qr/^ann at/, 'it is read once the window has the focus');
$ann->tcl('.menu.view invoke Bell*');
$eve->type("ann ann ann\n");
$ann->reads(qr/ann ann ann\n/, 'somebody mentions the name again');
is($ann->tcl('set rung'), 2, 'the bell can be switched off');

# Leaving.
$bob->say($_) for '!nonsense', '!quit so long';
$bob->becomes('[winfo ismapped .form]', '!quit leads back to the form');
$ann->reads(qr/\trob left \(quit: so long\)\n/, 'and the others see it');
is($ann->here, 'ann eve', 'whose list follows');
$bob->closes('a window closes');
$ann->tcl('.room.say.line insert 0 "last words"; line_send; set chat(unsent)');
$ann->closes('the other one too');
$eve->shows(qr/<ann> last words\n-- ann left \(quit\)\n/,
    'and lines submitted before it closed are published');
is($eve->end->status, 0, 'chatc leaves');
$room->stop;
done_testing();
