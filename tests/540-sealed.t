# Goal: a session and the waker have nothing open, may do nothing, and can get
# nothing except what they need.

use strict;
use warnings;
use lib 'tests/lib';
use Fcntl;
use File::Temp qw(tempdir);
use Room;
use Test::More;

Room::allows(qr/killed for a forbidden system call; recovered/);

plan skip_all => 'this needs the /proc of Linux' if !-e "/proc/$$/fd";

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;
my $socket = "$dir/chat.sock";

# Descriptors that the starting process leaves open.
open my $left_open, '<', '/etc/passwd' or die "/etc/passwd: $!\n";
fcntl $left_open, F_SETFD, 0;
my $room = Room->start('-u', $socket);
close $left_open;

sub slurp {
	my ($path) = @_;
	open my $fh, '<', $path or return '';
	return join '', <$fh>;
}

# What a process has open, without the numbers of pipes and sockets.
sub belongings {
	my ($pid) = @_;
	return join ' ', sort map { (readlink // '?') =~ s/:\[\d+\]//r }
	    glob "/proc/$pid/fd/*";
}

sub limit {
	my ($pid, $what) = @_;
	my ($soft, $hard) = slurp("/proc/$pid/limits") =~
	    /^Max \Q$what\E\s+(\S+)\s+(\S+)/m;
	return "$soft $hard";
}

sub status {
	my ($pid, $what) = @_;
	return (slurp("/proc/$pid/status") =~ /^$what:\s+(\d+)/m)[0];
}

my $alice = $room->enter('alice');
my $bob = $room->connect(path => $socket);
my $name = getpwuid $>;
$bob->say($name)->expect(qr/^-- \Q$name\E joined/);
my ($waker) = grep { $_->{title} =~ /waker/ } $room->children;
my %pid = ('a session' => $room->session_of('alice'),
    'that of a local user' => $room->session_of("$name local"),
    'the waker' => $waker->{pid});

my $usual = '/dev/null /dev/null pipe pipe';	# the log, the parent's life
for my $who (sort keys %pid) {
	my $pid = $pid{$who};

	is(belongings($pid), $usual . ($who =~ /waker/ ? '' : ' socket'),
	    "$who has nothing open but the log, its parent and its client");
	is(limit($pid, 'processes'), '0 0', 'it can create no process');
	is(limit($pid, 'open files'), '2 2', 'it can open nothing');
	is(limit($pid, 'core file size'), '0 0', 'it dumps no core');
	SKIP: {
		skip 'sanitizers need memory and calls', 2 if $ENV{SAN};
		is(limit($pid, 'data size'), '0 0',
		    'it has all memory that it will ever have');
		skip 'system calls are not filtered here', 1
		    if $ENV{BARE} || (status($$, 'Seccomp') // '') eq '' ||
		    `uname -m` !~ /^(?:x86_64|i.86|aarch64|armv|riscv64)/;
		is(status($pid, 'NoNewPrivs') . status($pid, 'Seccomp'), '12',
		    'and only its own system calls');
	}
}

# What the kernel does to a session that tries another call.
kill 'SYS', $pid{'a session'};
$room->logs(qr/: killed for a forbidden system call; recovered/,
    'a session that makes another call is killed, and that is logged');
$bob->sees('-- alice left (killed)', 'the room sees that it has left');
$bob->say('still here');
$bob->sees("<$name> still here", 'and continues');
$room->stop;

# What a test that fails of this shows.
like((Room::forbidden_calls($room))[0] // '', qr/^\(STRACE=calls prove .*\)$/,
    'a test that fails then says how to see the call');
SKIP: {
	skip 'a sanitizer would look for leaks by ptrace, too', 1 if $ENV{SAN};
	skip 'no strace here, or it may not trace', 1
	    if system('strace -o /dev/null true 2>/dev/null') != 0;
	local $ENV{STRACE} = "$dir/calls";
	my $traced = Room->start;
	my $carol = $traced->enter('carol');
	my $pid = $traced->session_of('carol');
	$carol->until_now;
	kill 'SYS', $pid;
	$traced->logs(qr/pid $pid: killed for a forbidden system call/,
	    'a session that is traced dies, too');
	$traced->stop;
	# This signal comes during whatever call it made last.
	like(join(' ', Room::forbidden_calls($traced)),
	    qr/^pid $pid called (?:ppoll|write)\(/,
	    'and with strace the call is shown');
}
done_testing;
