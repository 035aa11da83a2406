#!/usr/bin/env perl
#
# Goal: make install-tkchat puts its files where they belong, and tkchat works
# from there.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Copy qw(copy);
use File::Find qw(find);
use File::Temp;
use Room;
use Test::More;
use Window;

plan skip_all => Window::missing() if Window::missing();

my $root = File::Temp->newdir;
my ($make) = grep { system("printf 'X != echo x\\nall:\\n' | $_ -f - " .
    '>/dev/null 2>&1') == 0 } qw(make gmake bmake);

sub make {
	my ($goal) = @_;

	local @ENV{qw(MAKEFLAGS MFLAGS)} = ('', '');
	return system("$make $goal CC=true DESTDIR=$root PREFIX=/usr " .
	    '>/dev/null 2>&1');
}

sub files {
	my @found;

	find(sub { push @found, $File::Find::name =~ s/\A\Q$root\E//r if -f },
	    $root);
	return join ' ', sort @found;
}

is(make('install-tkchat'), 0, 'it is installed');
is(files(), join(' ', map {"/usr/$_"} qw(bin/tkchat
    share/applications/tkchat.desktop
    share/icons/hicolor/scalable/apps/tkchat.svg share/man/man1/tkchat.1)),
    'with manual, desktop entry and icon');

# Installed, it runs the chatc beside it.
copy($Chatc::PROGRAM, "$root/usr/bin/chatc");
chmod 0755, "$root/usr/bin/chatc";
my $room = Room->start;
my $window = do {
	local $Window::SCRIPT = "$root/usr/bin/tkchat";
	local $Chatc::PROGRAM = '';
	Window->enter($room, 'ann');
};
is($window->tcl('chatc_program'), "$root/usr/bin/chatc",
    'it runs the chatc that is installed beside it');
$window->closes('and works');
unlink "$root/usr/bin/chatc";

is(make('uninstall-tkchat'), 0, 'it can be uninstalled');
is(files(), '', 'and leaves nothing');

$room->stop;
done_testing();
