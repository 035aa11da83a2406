#!/usr/bin/env perl
#
# Goal: when the room goes away, tkchat says so, waits, loses nothing and
# returns when the room does; the user can leave at any time.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Room;
use Test::More;
use Window;

plan skip_all => Window::missing() if Window::missing();

my $room = Room->start;

sub kill_room {
	$room->signal('KILL');
	$room->exit_status;
}

sub start_room { $room = Room->start('--', '127.0.0.1', $room->{port}) }

# How often this is in the conversation.
sub times_read {
	my ($window, $what) = @_;
	return scalar(() = $window->talk =~ /$what/g);
}

my $ann = Window->enter($room, 'ann');
$ann->say('before');
$ann->reads(qr/\tann  before\n/, 'all is well at first');
my $green = $ann->tcl('.room.state.light cget -foreground');

# The server is killed, and comes back.
kill_room();
$ann->becomes('[string match {*; reconnecting *} [state_text]]',
    'when the server has gone the window says that it waits');
isnt($ann->tcl('.room.state.light cget -foreground'), $green,
    'the light is not green');
$ann->becomes('[string match {*; reconnecting in * s} [state_text]]',
    'and for how long');
$ann->say("while away $_") for 1 .. 3;
like($ann->state, qr/ \(3 unsent\)\z/, 'lines typed meanwhile wait');
start_room();
$ann->becomes('$chat(state) eq "good" && $chat(live)',
    'when the server returns the window is in the room again');
is($ann->tcl('.room.state.light cget -foreground'), $green,
    'the light is green');
$ann->reads(qr/while away 1\n.*while away 2\n.*while away 3\n/,
    'lines that were typed are published, in order');
is(times_read($ann, qr/ann  /), 4, 'and nothing is shown twice');
like($ann->state, qr/as ann\z/, 'nothing is unsent');
is($ann->here, 'ann', 'the list is that of the new room');
my ($status, $out) = Chatc->run($room, '', '-n', 'eve', '-l', 9, '-w', 0);
is(scalar(() = $out =~ /<ann> while away/g), 3, 'others have it once, too');
unlike($ann->talk, qr/not sent again/, 'no command of ours is missed');

# chatc itself is killed, which does not end the conversation.
$ann->tcl('exec kill -9 [pid $chat(io)]');
$ann->becomes('$chat(state) eq "ended" && [winfo ismapped .room.state.again]',
    'when chatc is killed the window remains and offers another');
like($ann->state, qr/chatc has ended/i, 'it says what happened');
$ann->say('kept');
is($ann->tcl('.room.say.line get'), 'kept', 'a line typed then remains there');
$ann->tcl('.room.state.again invoke');
$ann->becomes('$chat(live) && ![winfo ismapped .room.state.again]',
    'another chatc continues');
$ann->press('.room.say.line', '<Return>');
$ann->reads(qr/\tann  kept\n/, 'and that line can be submitted');
is(times_read($ann, qr/ann  while away/), 3, 'nothing is shown twice');

# Leaving while the room is away.
kill_room();
$ann->becomes('$chat(state) eq "busy"', 'the room goes away again');
$ann->press('.room.say.line', '<Control-w>');
$ann->becomes('[winfo ismapped .form] && ![info exists chat(io)]',
    'the user can return to the form without it');
$ann->tcl('form_go');
$ann->becomes('[string match {*; connecting*} [state_text]]',
    'an attempt to join fails');
start_room();
$ann->becomes('$chat(live) && [winfo ismapped .room]',
    'and succeeds by itself when it can');
kill_room();
$ann->becomes('$chat(state) eq "busy"', 'it goes away once more');
$ann->closes('the window can be closed');
start_room();
$room->stop;
done_testing();
