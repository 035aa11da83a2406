#!/usr/bin/env perl
#
# Goal: -l appends the log to a file, each line with its time, and at HUP all
# processes continue in a new one; the lines of the end are in it, also when all
# processes get TERM at once.  A log that standard error is may be cut short.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp;
use Room;
use Test::More;

my $dir = File::Temp->newdir;
my $time = qr/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d{4}/;

sub slurp {
	my ($path) = @_;

	open my $fh, '<', $path or return '';
	local $/;
	return <$fh> // '';
}

sub in_file {
	my ($room, $file, $wanted, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$room->eventually(sub { slurp("$dir/$file") =~ $wanted }, $name) or
	    diag(slurp("$dir/$file"));
}

my ($status, $output) = Room->run('-l', "$dir/none/log", '127.0.0.1', 0);
is($status, 1, 'without the directory the server does not start');
like($output, qr/^chatserv: cannot log to \Q$dir\E\/none\/log: /m,
    'and the message says why');

($status, $output) = Room->run('-l', "$dir/" . 'x' x 256, '127.0.0.1', 0);
is($status, 1, 'nor with a name that no file can have');
like($output, qr/^chatserv: cannot log to \S+: File name too long$/m,
    'instead of logging to a file with another one');

my $room = Room->start('-l', "$dir/log");
like($room->log, qr/listening on/, 'its start is also told on standard error');
my $alice = $room->enter('alice');
my $bob = $room->enter('bob');
in_file($room, 'log', qr/ joined as bob\n/, 'the log is in the file');
unlike($room->log, qr/joined/, 'and nowhere else');

rename "$dir/log", "$dir/log.0" or die "rename: $!\n";
$bob->say('!name ben')->sees('-- bob is now ben', 'when it is moved away');
in_file($room, 'log.0', qr/ bob is now ben\n/, 'the server still writes to it');
$room->signal('HUP');
$room->eventually(sub { -e "$dir/log" }, 'until HUP creates another');
$bob->say('!quit')->rest;
in_file($room, 'log', qr/ ben left \(quit\)\n/, 'which a session writes to');
unlike(slurp("$dir/log.0"), qr/ left /, 'and not to the old one');

my $pid = $room->pid;
kill 'TERM', -$pid;
$alice->rest;
in_file($room, 'log', qr/ stopped\n\z/, 'the last line is that of the end');
is(waitpid($pid, 0), $pid, 'when all processes got a signal to end');
is($?, 0, 'in order');
unlike(slurp("$dir/log"), qr/logger died/, 'the last line is that of the first logger');
$room->forget;
is(join('', grep { !/^$time chatserv: / } map {"$_\n"} map { split /\n/ }
    slurp("$dir/log.0"), slurp("$dir/log")), '',
    'each line has its time in front');

# A logger that is killed, with a helper and without.
for my $user ($> == 0 ? ('nobody', 'root') : scalar getpwuid $>) {
	my $file = "killed.$user";
	$room = Room->start('-U', $user, '-l', "$dir/$file");
	my $logger = sub {
		# It may be a child of the helper's.
		my $helper = $room->helper;
		my ($one) = grep { $_->{title} =~ /: logger\b/ &&
		    ($_->{parent} == $room->pid ||
		    ($helper && $_->{parent} == $helper->{pid})) }
		    Room::processes();
		return $one && $one->{pid};
	};
	my @seen;
	for my $round (1 .. 3) {
		my $pid = Wait::until_true($logger, 0.05);
		push @seen, $pid;
		kill 'STOP', $pid;
		$room->enter("n$round-$_")->say('!quit')->rest for 1 .. 5;
		kill 'KILL', $pid;
		ok(Wait::until_true(sub { ($logger->() // $pid) != $pid }, 0.05),
		    "as $user: after one that was killed there is another");
	}
	in_file($room, $file, qr/(?:the logger died; recovered\n(?s:.*)){3}/,
	    'which the log says');
	rename "$dir/$file", "$dir/$file.0" or die "rename: $!\n";
	$room->signal('HUP');
	$room->eventually(sub { -e "$dir/$file" }, 'it opens the file again');
	$room->signal('TERM');
	in_file($room, $file, qr/ stopped\n\z/, 'and writes to the end');
	is($room->exit_status, 0, 'in order');
	my $all = slurp("$dir/$file.0");
	is(join(' ', grep { $all !~ / joined as \Q$_\E\n/ }
	    map { my $round = $_; map {"n$round-$_"} 1 .. 5 } 1 .. 3), '',
	    'no line is lost');
	is($room->shared_objects, 0, 'and nothing stays');
}

# In the background, and the file is there already.
my $port;
{
	local $ENV{XDG_RUNTIME_DIR} = $dir;
	my $path = "$dir/pid";
	system($Room::PROGRAM, '-b', '-l', "$dir/log", '-p', $path, '127.0.0.1',
	    0) == 0 or die "no server\n";
	($port) = slurp("$dir/log") =~ /.*listening on \S+ port (\d+)\n/s;
	like(slurp("$dir/log"), qr/stopped\n.*listening on/s,
	    'in the background the log goes to the file, too');
	kill 'TERM', slurp($path) =~ /(\d+)/;
	ok(Wait::until_true(sub { slurp("$dir/log") =~ /stopped\n\z/ }, 0.05),
	    'to the end');
}

# A rotation that copies and truncates.
open my $cut, '>', "$dir/stderr" or die "stderr: $!\n";
defined($pid = fork) or die "fork: $!\n";
if ($pid == 0) {
	open STDERR, '>&', $cut;
	exec $Room::PROGRAM, '-u', "$dir/sock", '-', $$ or POSIX::_exit(127);
}
ok(Wait::until_true(sub { slurp("$dir/stderr") =~ /listening/ }, 0.05),
    'standard error can be a file');
truncate "$dir/stderr", 0;
kill 'USR2', $pid;
ok(Wait::until_true(sub { slurp("$dir/stderr") =~ /\Achatserv: .*\n/ }, 0.05),
    'that is truncated and continues at its beginning') or
    diag(slurp("$dir/stderr"));
kill 'TERM', $pid;
waitpid $pid, 0;
done_testing;
