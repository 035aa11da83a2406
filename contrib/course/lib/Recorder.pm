# Records what the processes of a running room do; Recording.pm describes the
# file.

package Recorder;

use strict;
use warnings;
use Errno;
use FindBin;
use Time::HiRes qw(sleep);
use Uprobes;

my @CALLS = qw(clone clone3 fork read recvfrom write sendto kill wait4 futex
    ppoll exit_group);

sub fail { die "chattrace: @_\n" }

# The room's parent, waker and sessions, as chatstat knows them.
sub processes {
	my ($port) = @_;
	my ($chatstat) = grep { -x } "$FindBin::Bin/../chatstat/chatstat";
	my (%room, @sessions);

	$chatstat //= 'chatstat';
	for (`$chatstat -t $port`) {
		chomp;
		my ($row, @f) = split /\t/;
		@room{qw(parent waker)} = @f[0, -1] if $row eq 'room';
		push @sessions, [$f[1], $f[2] eq '' ? '?' : $f[2]]
		    if $row eq 'slot';
	}
	fail("there is no room on port $port, or none that you may see")
	    if !$room{parent};
	return (\%room, @sessions);
}

sub is_traced {
	my ($pid) = @_;

	open my $fh, '<', "/proc/$pid/status" or return 1;	# it is gone
	return grep { /^TracerPid:\s*[1-9]/ } <$fh>;
}

# Run strace until it has attached itself to them all; its pid.
sub start_strace {
	my ($file, @pids) = @_;

	defined(my $strace = fork) or fail("fork: $!");
	if ($strace == 0) {
		# ^C is for us: it ends when we tell it.
		$SIG{INT} = 'IGNORE';
		setpgrp 0, 0;
		exec 'strace', '-f', '-q', '-ttt', '-T', '-y', '-s', 200,
		    '-e', 'trace=' . join(',', map {"?$_"} @CALLS), '-o',
		    $file, map { ('-p', $_) } @pids or
		    fail("strace: $! (is it installed?)");
	}
	while (grep { !is_traced($_) } @pids) {
		waitpid($strace, 1) == 0 or
		    fail('strace ended: may you trace these processes?');
		sleep 0.02;
	}
	return $strace;
}

# What the ring holds: each record's head is 32 bytes before its text, with
# number and ID in the last 16 of them.  Torn ones do not agree with that.
sub records {
	my ($segment) = @_;
	my @found;

	while ($segment =~ /(\d{16})\t(\w+)\t([^\t\n]*)\t([^\n]*)\n/g) {
		my ($id, $kind, $name, $text, $at) = ($1, $2, $3, $4, $-[0]);
		next if $at < 32;
		my ($number, $same) = unpack 'QQ', substr $segment, $at - 16;
		push @found, join "\t", $id, $number, $kind, $name, $text
		    if $same == $id;
	}
	return sort @found;
}

sub record {
	my ($port, $file, $seconds) = @_;
	my ($room, @sessions) = processes($port);

	# It stays readable when the server ends.
	open my $segment, '<:raw', "/dev/shm/chatserv.$port" or
	    fail("/dev/shm/chatserv.$port: $!");
	unlink $file;
	my $probes = Uprobes->new("/proc/$room->{parent}/exe");
	my $strace = start_strace($file, grep {$_} @$room{qw(parent waker)},
	    map { $_->[0] } @sessions);
	local $SIG{INT} = local $SIG{TERM} = local $SIG{ALRM} =
	    sub { kill 'TERM', $strace };
	print STDERR "chattrace: recording; ^C ends it\n";
	alarm $seconds if defined $seconds;
	# Interrupted, it waits again: for what strace still has to write.
	while (waitpid($strace, 0) != $strace) {
		last if !$!{EINTR};
	}
	alarm 0;
	my @probes = $probes->end;
	open my $to, '>>', $file or fail("$file: $!");
	print $to "# parent $room->{parent}\n# waker $room->{waker}\n",
	    (map {"# session @$_\n"} @sessions),
	    (map {"# record $_\n"} records(do { local $/; <$segment> })),
	    map {"# probe $_\n"} @probes;
	close $to or fail("$file: $!");
}

1;
