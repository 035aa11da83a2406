#!/usr/bin/env perl
#
# Goal: contrib/course/chattrace draws what happens in a running room of
# three clients: each record appears once, and its append stands between what its
# publisher has read and the first wake-up; and it draws a schedule of
# tests/schedule.

use strict;
use warnings;
use lib 'tests/lib', 'contrib/course/lib';
use File::Temp;
use Recorder;
use Room;
use Test::More;
use Wait;

my $program = 'contrib/course/chattrace';
my $dir = File::Temp->newdir;
my $recording = "$dir/recording";

# Whether strace(1) is here, and may trace somebody who does not ask for it.
sub cannot_trace {
	return 'there is no strace' if system('strace -V >/dev/null 2>&1') != 0;
	defined(my $pid = fork) or die "fork: $!\n";
	exec 'sleep', 60 if $pid == 0;
	my $said = `timeout 5 strace -o /dev/null -p $pid 2>&1`;
	kill 'KILL', $pid;
	waitpid $pid, 0;
	return $said =~ /attach:|ptrace/ && 'strace may not attach here';
}

# Let three talk, and one of them come and go, while it records.
sub record {
	my ($room) = @_;
	my ($alice, $bob) = map { $room->enter($_) } qw(alice bob);

	$alice->expect('-- bob joined');
	my $pid = open my $said, '-|',
	    "exec $program -r $recording $room->{port} 2>&1" or die "$!\n";
	while (<$said>) { last if /recording/ }
	my $carol = $room->enter('carol', tsv => 1);
	$_->expect('-- carol joined') for $alice, $bob;
	for my $line ('alice hello', 'bob "quotes" & <tags>', 'carol bye') {
		my ($name, $text) = split / /, $line, 2;
		my ($who) = grep { $_->{name} eq $name } $alice, $bob, $carol;
		$who->say($text);
		$_->expect(qr/\Q$text\E$/) for $alice, $bob, $carol;
	}
	$carol->say('!quit')->rest;
	$_->expect('-- carol left (quit)') for $alice, $bob;
	$room->eventually(sub { $room->children == 3 }, 'carol is reaped');
	kill 'INT', $pid;
	1 while <$said>;
	ok(close $said, 'it records a room');
}

# A record that is being overwritten while it is read is left out.
sub leaves_out_torn {
	my $room = Room->start;
	my $alice = $room->enter('alice');

	$alice->say("line $_")->expect(qr/line $_$/) for 1 .. 3;
	my $segment = do {
		local (@ARGV, $/) = "/dev/shm/chatserv.$room->{port}";
		<>;
	};
	$room->stop;
	my @texts = map { (split /\t/)[4] } Recorder::records($segment);
	is(join(', ', grep {/^line/} @texts), 'line 1, line 2, line 3',
	    'it finds the records of a segment');
	# The head ends with the ID that begins the text.
	$segment =~ /(\d{16})\tmsg\talice\tline 2\n/ or die "no line 2\n";
	substr($segment, $-[0] - 8, 8) = pack 'Q', $1 + 1;
	@texts = map { (split /\t/)[4] } Recorder::records($segment);
	is(join(', ', grep {/^line/} @texts), 'line 1, line 3',
	    'but not one whose head and text do not belong together');
}

# Its arrows and notes, in order, as [from, to, text], with their names.
sub drawn {
	my (%name, @events);

	for (`$program $_[0]`) {
		s/#(\d+);/chr $1/ge;
		s/#quot;/"/g;
		$name{$1} = $2 if /^ +(?:participant|actor) (\w+) as (.*)/;
		push @events, [$name{$1}, $name{$2}, $3]
		    if /^ +(\w+)-{1,2}>>(\w+): (?:\+\d+ )?(.*)/;
		push @events, [$name{$1}, $name{$1}, $2]
		    if /^ +Note over (\w+): (?:\+\d+ )?(.*)/;
	}
	return @events;
}

# Where the first event like this is, from there on.
sub find {
	my ($events, $at, $from, $to, $text) = @_;

	for ($at .. $#$events) {
		my ($a, $b, $said) = @{$events->[$_]};
		return $_ if $a eq $from && $to eq $b && $said =~ $text;
	}
	return;
}

sub check_svg {
	my ($file, @texts) = @_;

	open my $fh, '<:utf8', $file or die "$file: $!\n";
	my $svg = do { local $/; <$fh> };
	my ($width, $height) = $svg =~ /width="(\d+)" height="(\d+)"/;
	my (@out, %seen);
	while ($svg =~ m{<text x="(\d+)" y="(\d+)"(.*?)>(.*?)</text>}g) {
		my ($x, $y, $how, $text) = ($1, $2, $3, $4);
		$text =~ s/&lt;/</g;
		$text =~ s/&gt;/>/g;
		$text =~ s/&amp;/&/g;
		$seen{$text} = 1;
		my $long = length($text) * 6.7;
		$x -= $long / 2 if $how =~ /middle/;
		push @out, $text if $x < 0 || $x + $long > $width ||
		    $y < 8 || $y > $height;
	}
	is(join("\n", @out), '', 'no text of the picture is cut off');
	is(join(' ', grep { !$seen{$_} } @texts), '', 'and all is there');
}

SKIP: {
	my $why = cannot_trace();
	skip $why, 1 if $why;
	my $room = Room->start;
	record($room);
	my @events = drawn($recording);
	my @appends = map { $_->[2] =~ /^append (\d+): (.*)/ ? [$1, $2] : () }
	    grep { $_->[1] eq 'ring' } @events;
	is(join(', ', map {"@$_"} @appends), '3 join carol, 4 <alice> hello, ' .
	    '5 <bob> "quotes" & <tags>, 6 <carol> bye, 7 leave carol',
	    'each record appears once, in order');
	for (['alice', qr/"hello"/, qr/hello$/], ['bob', qr/tags/, qr/tags>$/],
	    ['carol', qr/"bye"/, qr/bye$/]) {
		my ($name, $said, $text) = @$_;
		my $session = "session of $name";
		my $read = find(\@events, 0, $name, $session, $said) // 1e9;
		my $append = find(\@events, 0, $session, 'ring', $text) // -1;
		my $woken = (grep { $_ > $read && $events[$_][0] eq $session &&
		    $events[$_][2] eq 'SIGURG' } 0 .. $#events)[0];
		ok($read < $append, "$name\'s line is read, then appended");
		ok(defined $woken && $append < $woken, 'then others are woken');
		is((grep { $_->[2] =~ /^"(?:<$name>|msg $name) / } @events),
		    3, 'and three clients get it');
	}
	ok(defined find(\@events, 0, 'parent', 'session of carol', qr/^fork$/),
	    'the fork is there');
	ok(defined find(\@events, 0, 'parent', 'parent',
	    qr/^waitpid: session of carol/), 'and the end');
	is(system("$program -o $dir/room.svg $recording"), 0, 'it draws SVG');
	check_svg("$dir/room.svg", 'parent', 'alice', 'session of carol',
	    'append 5: <bob> "quotes" & <tags>');
	$room->stop;
}

SKIP: {
	skip 'the segment is no file here', 1 if !-d '/dev/shm';
	leaves_out_torn();
}

SKIP: {
	my $schedule = 'tests/schedule/schedule';
	skip 'the scheduler is written for Linux', 1 if !-x $schedule;
	is(system("$schedule -r '' wake >$dir/steps"), 0, 'a schedule is run');
	my @events = drawn("$dir/steps");
	my $head = find(\@events, 0, 'w0', 'shared memory',
	    qr/^head: \d+ \(release\)/) // 1e9;
	my $look = find(\@events, $head, 'shared memory', 'w0',
	    qr/^sleepers\[i\]: 0$/);
	ok(defined $look, 'w0 moves the head, then it looks who sleeps');
	is(system("$program -o $dir/steps.svg <$dir/steps"), 0,
	    'it draws SVG');
	check_svg("$dir/steps.svg", 'shared memory', 'w0');
}
is(system("$program -t 3 2>/dev/null") >> 8, 2, 'wrong use exits with 2');
is(system("$program -r $dir/x 1 2>/dev/null") >> 8 > 0, 1,
    'a room that is not there is an error');
done_testing;
