#!/usr/bin/env perl
#
# Goal: tkchat works by other ways than TCP and with input that is no message:
# a unix-domain socket, a command, a symbolic link to the script, /words and
# pasted lines.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Cwd;
use File::Temp;
use Room;
use Test::More;
use Window;

plan skip_all => Window::missing() if Window::missing();

my $dir = File::Temp->newdir;
my $login = getpwuid $<;
my $room = Room->start('-u', "$dir/sock");
my $ear = $room->enter('ear', tsv => 1);

# By the unix socket, under the login name.
my $local = Window->open('--', '-u', "$dir/sock");
$local->await('$chat(live)', 'the window is in the room');
is($local->state, "Connected to $dir/sock as $login",
    'with -u one is in the room on a unix socket, under the login name');
$local->say('from here');
$ear->sees(qr/\tmsg\t\Q$login\E\tfrom here\z/, 'and heard');
my $second = Window->open('--', "-u$dir/sock");
$second->await('$chat(live)', 'the second window is in the room');
is($second->tcl('set conf(name)'), "$login/2", 'even a second time');
$second->closes('which closes');

# By a command.
SKIP: {
	skip 'no nc', 2 if !grep { -x "$_/nc" } split /:/, $ENV{PATH};
	my $by = Window->open('--', '-n', 'eve', '-e',
	    "nc $room->{host} $room->{port}");
	$by->await('$chat(live)', 'eve is in the room');
	like($by->state, qr/\AConnected to nc .* as eve\z/,
	    'with -e a command carries the lines');
	$by->closes('and the user can leave');
}

# The form, when one has left.
$local->press('.room.say.line', '<Control-w>');
$local->becomes('[winfo ismapped .form] && ![winfo ismapped .form.in.host]',
    'the form asks for no host then');
$local->tcl('form_go');
$local->becomes('$chat(live)', 'and leads back');

for (['-u'], [qw(-u a -e b)], [qw(-u a host)], [qw(a 1 b)]) {
	my $usage = Chatc->start(program => ['tclsh', $Window::SCRIPT], '--',
	    @$_);
	is($usage->status, 2, "tkchat @$_ is a wrong command line");
}

# Commands of other programs.
$ear->until_now;
my %held = ('/msg bob secret' => qr/\/\/msg says \/msg/, '/quit' => qr/!help/,
    ' !msg bob secret' => qr/without a blank/);
for my $line (sort keys %held) {
	$local->say($line);
	$local->reads(qr/not said: .*$held{$line}/, "'$line' is held back");
	is($local->tcl('.room.say.line get'), $line,
	    'and remains to be corrected');
	$local->tcl('.room.say.line delete 0 end');
}
my %said = ('//quit' => '/quit', '/usr/bin is full' => '/usr/bin is full',
    '/ is full' => '/ is full', '!!x' => '!x');
for my $line (sort keys %said) {
	$local->say($line);
	$ear->next_is(qr/\tmsg\t\Q$login\E\t\Q$said{$line}\E\z/,
	    "'$line' says $said{$line}");
}
$local->tcl('.room.say.line insert 0 "a\n!name mallory\n/quit\n!quit\n"; ' .
    'line_send');
$ear->next_is(qr/\tmsg\t\Q$login\E\t\Q$_\E\z/, "of pasted lines $_ is text")
    for 'a', '!name mallory', '/quit', '!quit';
$local->closes('the window closes');

# Called by a symbolic link: it still finds the chatc beside it.
my $here = getcwd;
mkdir "$dir/$_" or die for qw(bin opt opt/bin);
symlink "$here/$Window::SCRIPT", "$dir/opt/bin/tkchat" or die;
symlink "../opt/bin/tkchat", "$dir/bin/tkchat" or die;
{
	local $Window::SCRIPT = "$dir/bin/tkchat";
	local $Chatc::PROGRAM = '';
	my $linked = Window->enter($room, 'linked');
	is(Cwd::realpath($linked->tcl('file normalize [chatc_program]')),
	    Cwd::realpath("$here/chatc/chatc"),
	    'behind symbolic links it finds the chatc of its tree');
	$linked->closes('and closes');
}

$room->stop;
done_testing();
