#!/usr/bin/env perl
#
# Whatever a hijacked session does, as far as its filter allows, the parent, the
# log, the memory of the segment and processes outside the room remain unharmed;
# and so do the other sessions, unless it writes to the segment, which is the
# room.
#
# hijack.c does that inside real sessions.  In the $HIJACK_ROUNDS (40) rounds
# the log is a pipe and a socket in turn, and sessions write $HIJACK_WRITES
# (200,000) words to the segment; $HIJACK_SEED repeats the first round.

use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use Faults;
use File::Temp;
use Room;
use Test::More;

my $ROUNDS = $ENV{HIJACK_ROUNDS} // 40;
my $WRITES = $ENV{HIJACK_WRITES} // 200_000;
my $AT_ONCE = 4;
my $seed = $ENV{HIJACK_SEED} // 1 + time % 1_000_000;
my $library = 'tests/chaos/hijack.so';
my $why = Faults::missing($Room::PROGRAM);
plan skip_all => $why if $why;
plan skip_all => "$library is not built" if !-e $library;
plan skip_all => 'system calls are not filtered here'
    if ! -e '/proc/self/status' || system "grep -q ^Seccomp: /proc/self/status"
    or `uname -m` !~ /^(?:x86_64|i.86|aarch64|armv|riscv64)/;
note "seed $seed";
# calls() checks its own log; the segment decides what writes() logs.
Room::expects(qr/killed for a forbidden system call; recovered/);
Room::allows(qr/.*/);

my $orders = File::Temp->new;
syswrite $orders, "\0" x 4096 or die "$orders: $!\n";
chmod 0644, $orders->filename;
my ($SEED, $NEXT, $TOTAL, $HOW_MANY, $BYSTANDER, $STOP) = (0 .. 5);

sub set {
	my ($word, $value) = @_;
	sysseek $orders, 8 * $word, 0;
	syswrite $orders, pack 'q', $value or die "orders: $!\n";
}

sub get {
	my ($word) = @_;
	sysseek $orders, 8 * $word, 0;
	sysread $orders, my $bytes, 8;
	return unpack 'q', $bytes;
}

# Another process of the sessions' user.  It writes the name of every signal
# that it can catch.
sub bystander {
	pipe my $in, my $out or die "pipe: $!\n";
	my $nobody = getpwnam 'nobody';
	defined(my $pid = fork) or die "fork: $!\n";
	if ($pid == 0) {
		close $in;
		$> = $< = $nobody if $> == 0 && $nobody;
		for my $name (grep { !/^(?:URG|KILL|STOP|CHLD)$/ } keys %SIG) {
			$SIG{$name} = sub { syswrite $out, "$name\n" };
		}
		$SIG{URG} = 'IGNORE';
		syswrite $out, "ready\n";
		select undef, undef, undef, 1 while getppid != 1;
		POSIX::_exit(0);
	}
	close $out;
	sysread $in, my $ready, 6;
	$in->blocking(0);
	return { pid => $pid, in => $in };
}

sub unharmed {
	my ($it) = @_;
	return 'it was stopped' if waitpid($it->{pid},
	    POSIX::WNOHANG() | POSIX::WUNTRACED()) != 0;
	my $n = sysread $it->{in}, my $caught, 999;
	return $n ? "it caught $caught" : '';
}

# What all processes share with the parent: the flags of its log, and the size
# and blocks of the segment.
sub shared {
	my ($room) = @_;
	open my $info, '<', '/proc/' . $room->pid . '/fdinfo/2' or return '?';
	my ($flags) = map { /^flags:\s+(\d+)/ } <$info>;
	my ($segment) = $room->shared_objects;
	return "log $flags, " . join ' ', (stat $segment)[2, 4, 7, 12];
}

# Hijacks sessions, several at once, until the condition is true.
sub hijack_until {
	my ($room, $done) = @_;
	my (@client, $n);

	while (!$done->() && ++$n < 5000) {
		push @client, $room->connect->send("HIJACK\n")
		    while @client < $AT_ONCE;
		Wait::until_true(sub { grep { $_->{over} } @client }) or last;
		@client = grep { !$_->{over} } @client;
	}
	Wait::until_true(sub { $_->{over} }) && $_->close for @client;
	return $n;
}

# What the log of a room with hijacked sessions contains.
my $expected = qr/^(?:hijacked|chatserv:\ (?:listening\ on\ .*|
    127\.0\.0\.1\ port\ \d+\ pid\ \d+:\ (?:
    killed\ for\ a\ forbidden\ system\ call;\ \w+|
    died\ of\ signal\ (?:7|11|6|14);\ \w+|died\ with\ status\ [12];\ \w+|
    joined\ as\ (?:alice|bob|carol)|(?:alice|bob|carol)\ left.*)|
    stopping|stopped))$/x;

sub calls {
	my ($room, $kind) = @_;
	my ($alice, $bob) = map { $room->enter($_) } 'alice', 'bob';
	my $before = shared($room);

	set($HOW_MANY, 0);
	set($NEXT, 0);
	my $n = hijack_until($room, sub {
		$alice->say('so it goes');
		$bob->expect('<alice> so it goes');
		return get($NEXT) >= get($TOTAL);
	});
	cmp_ok(get($NEXT), '>=', get($TOTAL), "log is a $kind: " .
	    get($TOTAL) . ' calls are tried while others talk');
	is(shared($room), $before, 'the log and the segment are as they were');
	my $carol = $room->enter('carol');
	$room->logs(qr/: joined as carol$/m, 'the log goes on');
	$alice->say('!quit')->rest;
	$room->logs(qr/: alice left \(quit\)$/m, 'also of who was there before');
	is(join("\n", grep { !/$expected|: version / }
	    split /\n/, $room->log), '',
	    'and says what it should and nothing else');
	$bob->say('still')->sees('<bob> still', 'the room goes on');
}

sub cpu {
	my ($room) = @_;
	open my $stat, '<', '/proc/' . $room->pid . '/stat' or return 0;
	my @field = split ' ', <$stat> =~ s/.*\) //r;
	return ($field[11] + $field[12]) /
	    POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

sub writes {
	my ($room) = @_;
	my @talker = map { $room->enter($_) } 'dora', 'emil';
	my $before = cpu($room);

	$_->send("hello\n" x 100) for @talker;
	set($HOW_MANY, $WRITES / 8);
	set($NEXT, 0);
	hijack_until($room, sub { get($NEXT) >= $WRITES });
	my $came = () = $room->log =~ /: connected$/mg;
	my $new = $room->connect->send("fred\n");
	$room->eventually(sub {
		(() = $room->log =~ /: connected$/mg) > $came ||
		    $room->log =~ /refused: the room is full/ }, get($NEXT) .
	    ' words are written: clients are let in');
	cmp_ok(cpu($room) - $before, '<', 5, 'the parent does not spin');
	$_->close for @talker, $new;
}

for my $round (1 .. $ROUNDS) {
	local $Room::LOG_SOCKET = $round % 2 == 0;
	local $ENV{LD_PRELOAD} = abs_path($library);
	local $ENV{HIJACK} = $orders->filename;
	my $bystander = bystander();
	set($SEED, $seed++);
	set($BYSTANDER, $bystander->{pid});
	my $room = Room->start('-r', '64k', '-m', 300);
	calls($room, $Room::LOG_SOCKET ? 'socket' : 'pipe');
	$room->stop;
	$room = Room->start('-v', '-r', '64k', '-m', 100);
	writes($room);
	$room->signal('TERM');
	is(eval { $room->exit_status }, 0, 'at TERM the end is in order') or
	    diag($@);
	is(join(' ', $room->shared_objects), '', 'and the segment is removed');
	is(unharmed($bystander), '', 'who is none of the room\'s is unharmed');
	kill 'KILL', $bystander->{pid};
	waitpid $bystander->{pid}, 0;
}
done_testing;
