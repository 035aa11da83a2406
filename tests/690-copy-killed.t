#!/usr/bin/env perl
#
# Goal: a new parent that copies the history of an old one may be killed while
# it copies, again and again, and no message is ever lost.
#
# $COPY_KILLS (40) kills, at a random time after the start or after the first
# sign of copying; $COPY_SEED repeats the times.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
use Room;
use Test::More;
use Time::HiRes qw(time usleep);
use Wait;

my $kills = $ENV{COPY_KILLS} // 40;
my $seed = $ENV{COPY_SEED} // 1 + time % 1e6;
srand $seed;
note "seed $seed";

my $lines = 40_000;
my @options = qw(-k -r 8M);
my $dir = File::Temp->newdir;
open my $file, '>', "$dir/in" or die "$dir/in: $!\n";
print $file 'x' x 80, " $_\n" for 1 .. $lines;
close $file;

# Everything that this room still holds, as it shows it.
my $asked = 0;

sub history {
	my ($room) = @_;
	my $last = 'that is all, number ' . ++$asked;

	open my $out, '>', "$dir/out" or die "$dir/out: $!\n";
	my $reader = Chatc->in_room($room, out => $out, '--', qw(-d -r -s 1 -n
	    reader -m), $last);
	$room->session_of('reader');
	my $end = $room->enter('end');
	$end->say($last)->expect("<end> $last");
	$reader->status == 0 or die 'chatc: ' . $reader->err;
	open my $in, '<', "$dir/out" or die "$dir/out: $!\n";
	my @all = grep { /^\d+\t/ } <$in>;
	$end->say('!quit')->rest;
	return grep { $_ !~ /\t(?:reader|end)\t/ } @all;
}

my $room = Room->start(@options);
my $port = $room->port;
my @place = ('127.0.0.1', $port);
open my $in, '<', "$dir/in" or die "$dir/in: $!\n";
my $mouth = Chatc->in_room($room, in => $in, '--', qw(-q -n mouth));
is($mouth->status, 0, 'there is a long history');
my $witness = $room->enter('witness');
my @before = history($room);
cmp_ok(scalar @before, '>', $lines, 'and a client can request it');
kill 'KILL', $room->pid;
$witness->rest;
$room->exit_status;

my ($copying, $complete) = (0, 0);
my $spare = "/dev/shm/chatserv.$port~";
my $began = time;
for my $n (1 .. $kills) {
	my ($pid, $log) = Room::spawn(@options, @place);
	if ($n % 2) {
		# While it copies there is a second object, where that shows.
		my $end = time + 5;
		1 until -e $spare || time > $end;
		usleep(rand 8_000);
	} else {
		usleep(rand 30_000);
	}
	$copying++ if -e $spare;
	kill 'KILL', $pid;
	waitpid $pid, 0;
	my $said = join '', <$log>;
	$complete++ if $said =~ /listening/;
	die "the start was refused: $said" if $said =~ /in use|cannot/;
}
note "$kills kills: $copying while it copied, $complete when it was ready";

SKIP: {
	skip 'shared objects are not to be seen here', 1 if !-d '/dev/shm';
	cmp_ok($copying, '>', 0, 'some were killed while they copied');
}
$room = Room->start(@options, '--', @place);
my @after = history($room);
my @gone = grep { /\tleave\twitness\tconnection lost$/ } @after;
is(scalar @gone, 1, 'the clients of the first one have left, each once');
is(join('', @after[0 .. $#before]) eq join('', @before), 1,
    'the history is the same, to the byte');
is(scalar @after, @before + 1, 'and nothing else is in it');
is(join(' ', $room->shared_objects), "/dev/shm/chatserv.$port",
    'one shared object is there') if -d '/dev/shm';

# An orderly end with -k: the same again.
$room->signal('TERM');
is($room->exit_status, 0, 'a server with -k ends');
$room = Room->start('-r', '8M', '--', @place);
is(join('', history($room)) eq join('', @after), 1,
    'and the next one has all of it');
$room->stop;
done_testing();
