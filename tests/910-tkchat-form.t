#!/usr/bin/env perl
#
# Goal: tkchat's form checks its fields while the user types, and the window
# says what keeps the user out of the room.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Room;
use Test::More;
use Window;

plan skip_all => Window::missing() if Window::missing();

my $room = Room->start;
my $window = Window->open;
$window->await('[winfo ismapped .form.in.go]');

sub field {
	my ($key, $value) = @_;
	$window->tcl(".form.in.$key delete 0 end");
	$window->tcl(".form.in.$key insert 0 {$value}");
	return $window->tcl(".form.in.p$key cget -text");
}

sub can_connect { !$window->tcl('.form.in.go instate disabled') }

# Host and port.
is($window->tcl('.form.in.host get') . $window->tcl('.form.in.port get'),
    'localhost53000', 'at first it offers the usual host and port');
for (['', qr/needed/], ['a b', qr/not a name/], ['-x', qr/not a name/],
    ['<f', qr/not a name/], ['|', qr/not a name/], ['::1', qr/^$/],
    ['fe80::1%eth0', qr/^$/], ["b\xc3\xbccher.example", qr/^$/]) {
	like(field('host', $_->[0]), $_->[1], "host '$_->[0]' is judged");
}
for (['', qr/1 to 65535/], ['0', qr/1 to 65535/], ['65536', qr/1 to 65535/],
    ['99999999999999999999', qr/1 to 65535/], ['80a', qr/1 to 65535/],
    [' 80', qr/1 to 65535/],    ['65535', qr/^$/]) {
	like(field('port', $_->[0]), $_->[1], "port '$_->[0]' is judged");
}

# The name, by the rules of the room.
for (['', qr/needed/], ['a b', qr/space/], ['-a', qr/begin/], ['#a', qr/begin/],
    ['a<b', qr/cannot have </], ['a/b', qr/cannot have </], ["a'b", qr/have/],
    ["\xc3\xa9" x 16, qr/^$/], ["\xc3\xa9" x 17, qr/longer than 32 bytes/],
    ["\xf0\x9f\x98\x80", qr/^$/]) {
	like(field('name', $_->[0]), $_->[1], "name '$_->[0]' is judged");
}
field('name', 'a b');
ok(!can_connect(), 'with an invalid name the user cannot connect');
$window->press('.form.in.name', '<Return>');
is($window->tcl('set chat(state)'), 'idle', 'nor by the Enter key');
field('name', 'ann');
ok(can_connect(), 'when all is right it can be tried');

# No server; the attempt goes on until the user cancels it.
field('host', '127.0.0.1');
field('port', Client::free_port());
$window->press('.form.in.name', '<Return>');
$window->becomes('[string match {*refused; connecting*} [state_text]]',
    'the form reports an unreachable host');
is($window->tcl('.form.in.go cget -text'), 'Cancel',
    'the attempt can be stopped');
$window->tcl('.form.in.go invoke');
$window->becomes('$chat(state) eq "idle" && [info exists chat(io)] == 0',
    'and then chatc has exited');
is($window->tcl('.form.in.go cget -text'), 'Connect',
    'and the user can make another');

# A name in use.
my $ann = Chatc->in_room($room, '-n', 'ann');
$ann->expect(qr/ann joined/);
field('port', $room->{port});
$window->tcl('.form.in.go invoke');
$window->becomes('$chat(state) eq "ended"', 'a taken name is refused');
like($window->state, qr/name ann is taken/, 'and the form says so');
ok($window->tcl('winfo ismapped .form') && can_connect(),
    'the user can try again');
field('name', 'bea');
$window->press('.form.in.name', '<Return>');
$window->becomes('$chat(live) && [winfo ismapped .room.say.line]',
    'with another name it is the room that is shown');
$window->becomes('[focus -lastfor .] eq ".room.say.line"',
    'and the user can type at once');

# Back to the form, and what it remembers.
$window->press('.room.say.line', '<Control-w>');
$window->becomes('[winfo ismapped .form] && $chat(state) eq "idle"',
    'leaving the room leads back to the form');
$ann->shows(qr/bea left \(quit\)/, 'in order');
$window->closes('the form can be closed');
my $again = Window->open;
$again->becomes('$conf(name) eq "bea" && $conf(host) eq "127.0.0.1"',
    'the next start remembers name and host');
is($again->tcl('set conf(port)'), $room->{port}, 'and the port');
$again->closes('and can be closed without connecting');

# Without chatc, or with a damaged file of settings.
my $without = Window->open(CHATC => '/nowhere/chatc', '--', '-n', 'eve');
$without->becomes('[string match {Chatc cannot be run*} [state_text]]',
    'the window reports a missing chatc');
my $file = $without->tcl('settings_file');
$without->closes('and the window can be closed');
open my $settings, '>', $file or die "$file: $!\n";
print $settings "size 1000000\nport x\nnonsense\ndark [exit]\nhost h\n";
close $settings;
my $strange = Window->open;
is($strange->tcl('list $conf(size) $conf(port) $conf(dark) $conf(host)'),
    '10 53000 0 h', 'of a damaged file only valid settings are used');
$strange->closes('and it does no harm');

# Names in any locale.
for my $locale (qw(C C.UTF-8)) {
	my $name = "j\xc3\xbcrgen";
	my $juergen = Window->enter($room, $name, LC_ALL => $locale);
	like($juergen->state, qr/ as $name\z/,
	    "in the locale $locale a name is what was given");
	$juergen->closes('and the window closes');
}

# The command line.
my $usage = Chatc->start(program => ['tclsh', $Window::SCRIPT], '--', '-x');
is($usage->status, 2, 'an unknown option is a wrong command line');
like($usage->err, qr/\Ausage: tkchat \[-n name\] .*\[port\]\]\n\z/,
    'and the usage is shown');
my $blind = Chatc->start(program => ['tclsh', $Window::SCRIPT],
    env => { DISPLAY => '' }, '--');
is($blind->status, 1, 'without a display it fails');
like($blind->err, qr/\Atkchat: [^\n]*display[^\n]*\n\z/, 'and says why');

$room->stop;
done_testing();
