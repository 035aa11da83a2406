#!/usr/bin/env perl
#
# Goal: a file that one chatc pipes into the room reaches ten others byte by
# byte: no line is lost, doubled or out of order, and no process grows.
#
# $PIPE_LINES lines (100,000); tests/chaos/million.t
# sends a million.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Digest::MD5;
use File::Temp;
use Room;
use Test::More;
use Time::HiRes qw(time);
use Wait;

my $lines = $ENV{PIPE_LINES} // 100_000;
my $listeners = 10;

# Private memory in KiB, where the system tells.
sub memory {
	my ($pid) = @_;

	open my $status, '<', "/proc/$pid/status" or return 0;
	my ($anon) = map { /^RssAnon:\s+(\d+)/ } <$status>;
	return $anon // 0;
}

my $room = Room->start;
my $dir = File::Temp->newdir;
open my $file, '>', "$dir/in" or die "$dir/in: $!\n";
print $file "line $_ of $lines\n" for 1 .. $lines;
close $file;

# They write to files: the test itself would be the slowest reader.
my @ears = map {
	open my $out, '>', "$dir/$_" or die "$dir/$_: $!\n";
	Chatc->in_room($room, out => $out, '--', '-d', '-q', '-C', $lines,
	    '-n', "ear$_");
} 1 .. $listeners;
$room->session_of("ear$_") for 1 .. $listeners;
my $watcher = $room->enter('watcher');
my @pids = map { $room->session_of("ear$_") } 1 .. $listeners;
push @pids, map { $_->pid } @ears;
$watcher->say('!quit');
$watcher->rest;

# All of them have sent and received something by now; this is before.
my %before = map { $_ => memory($_) } @pids;
my $begin = time;
open my $in, '<', "$dir/in" or die "$dir/in: $!\n";
my $mouth = Chatc->in_room($room, in => $in, '--', '-n', 'mouth', '-q');
my $grown = 0;
$Wait::LIMIT = 600;
Wait::until_true(sub {
	for (@pids) {
		my $more = memory($_) - $before{$_};
		$grown = $more if $more > $grown;
	}
	return $mouth->ended;
}, 0.1);
is($mouth->status, 0, 'the speaker exits when everything is echoed');
is(join(' ', map { $_->status } @ears), join(' ', (0) x $listeners),
    'the ten listeners exit when they have everything');
my $took = time - $begin;

my $said = Digest::MD5->new;
$said->add("<mouth> line $_ of $lines\n") for 1 .. $lines;
my $wanted = $said->hexdigest;
my @wrong = grep {
	open my $fh, '<', "$dir/$_" or die "$dir/$_: $!\n";
	Digest::MD5->new->addfile($fh)->hexdigest ne $wanted;
} 1 .. $listeners;
is("@wrong", '', 'each has every line, once, in order');
cmp_ok($grown, '<', 400, 'and no process has grown by it')
    if !$ENV{SAN};
note sprintf '%d lines to %d in %.1f s: %.0f lines a second out, %d KiB more',
    $lines, $listeners, $took, $lines * $listeners / $took, $grown;
$room->stop;
done_testing();
