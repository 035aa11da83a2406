#!/usr/bin/env perl
#
# Goal: with a server that is hostile, or merely odd, nothing that it sends
# makes tkchat run a command, write a file, or stop responding.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
use Files qw(spew);
use IO::Socket::INET;
use Room;
use Test::More;
use Wait;
use Window;

plan skip_all => Window::missing() if Window::missing();

my $dir = File::Temp->newdir;

sub slurp {
	my ($path) = @_;

	open my $fh, '<', $path or return;
	local $/;
	return <$fh>;
}

# The program that opens links only records its arguments.
mkdir "$dir/bin" or die;
spew("$dir/bin/xdg-open",
    "#!/bin/sh\nprintf '%s\\n' \"\$*\" >>'$dir/opened'\n");
chmod 0755, "$dir/bin/xdg-open";
spew("$dir/precious", "precious\n");

my $listener = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or
    die;
my $vic = Window->open(PATH => "$dir/bin:$ENV{PATH}", '--', qw(-n vic),
    '127.0.0.1', $listener->sockport);
my $server = $listener->accept;
syswrite $server, "-- this is chatserv: x\n-- what is your name?\n";
while (<$server>) { last if /^vic$/ }
syswrite $server, "-\tinfo\t\ttsv\n-\thello\tvic\t" . 'a' x 32 .
    "\n-\twho\t\t1\n0915221228079836\tjoin\tvic\tx\n";

# IDs from before September 2001, which begin with 0 and are not octal.
syswrite $server, "0915221228079838\tmsg\tbob\tfrom 1999\n";
$vic->reads(qr/\tbob  from 1999\n/, 'an ID that begins with 0 is decimal');
is($vic->tcl('set chat(last)'), '915221228079838',
    'and is the place to resume from');

# An error in the window affects one line.
$vic->tcl('proc on_info {id name text} {error "mistake in $text"}');
syswrite $server, "-\tinfo\t\tone\n1795221228079839\tmsg\tbob\tstill here\n";
$vic->reads(qr/mistake in one\n.*bob  still here\n/s,
    'an error is shown, and so are later lines');
syswrite $server, "1795221228079840\tmsg\tbob\tand here\n";
$vic->reads(qr/bob  and here\n/, 'also later');
like($vic->err, qr/\Atkchat: mistake in one\n\z/, 'standard error has it');

# Text that some program on its way would obey.
my @evil = ("look: \0>$dir/precious\0", "\0|touch $dir/pwned\0",
    "\0https://x.example/\0>$dir/precious\0", '[exec touch ' . "$dir/pwned]",
    '$x {;" ' . "http://example.org/[exec%20touch%20$dir/pwned]",
    "turn \xe2\x80\xae around \xc2\x9b2J \e[2J");
my $id = 1795221228079841;
for my $text (@evil) {
	syswrite $server, $id++ . "\tmsg\tbob [exec touch $dir/pwned]\t$text\n";
	syswrite $server, $id++ . "\tjoin\t{a b} [exec touch $dir/pwned] \$y\tx\n";
	syswrite $server, $id++ . "\tleave\t{a b} [exec touch $dir/pwned] \$y\tx\n";
}
syswrite $server, "$id\tmsg\tbob\tthe end https://last.example/a>b\n";
$vic->reads(qr/bob  the end/, 'hostile lines are shown');
unlike($vic->talk, qr/[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae/,
    'without a character that hides or reverses text or is invalid');
$vic->tcl('foreach {from to} [.room.talk.text tag ranges link] ' .
    '{link_open [.room.talk.text get $from $to]}');
$vic->tcl("link_open {$_}") for ">$dir/precious", "|touch $dir/pwned",
    "file:///etc/passwd", "2>$dir/precious", '';
ok(Wait::until_true(sub { (slurp("$dir/opened") // '') =~ /last\.example/ },
    0.05), 'a link opens');
is(slurp("$dir/precious"), "precious\n", 'but it writes no file');
ok(!-e "$dir/pwned", 'and runs nothing else');
unlike(slurp("$dir/opened"), qr/^(?!https?:)/m, 'nor is anything else opened');

close $server;
$vic->tcl('chat_leave exit');
is($vic->status, 0, 'the window closes');
done_testing();
