# Goal: the parent does not wait for its privileged helper, whatever happens
# to that, and a helper that stays behind neither keeps the next server from
# starting nor takes anything from it.

use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use Faults;
use File::Temp qw(tempdir);
use Room;
use Test::More;

my $daemon = getpwnam 'daemon';
plan skip_all => 'only root has a helper' if $> != 0;
plan skip_all => 'this needs the user daemon' if !defined $daemon;
my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;
my @place = ('-u', "$dir/sock", '-p', "$dir/pid");

sub local_client {
	my ($room) = @_;
	local $> = $daemon;
	return $room->connect(path => "$dir/sock");
}

# Have the parent reopen its log so many times.
sub hang_up {
	my ($room, $times) = @_;

	for (1 .. $times) {
		my $seen = () = $room->log =~ /clients, .* head/g;
		$room->signal($_) for qw(HUP USR2);
		Wait::until_true(sub {
			$seen < (() = $room->{log} =~ /clients, .* head/g) })
		    or return;
	}
	return 1;
}

# A helper that does nothing any more.  The server is in this test's group of
# processes: the system continues who is stopped in a group that has lost its
# last parent.
open my $script, '>', "$dir/server" or die "server: $!\n";
print $script "#!$^X\nsetpgrp 0, ", getpgrp, " or die; exec '",
    abs_path($Room::PROGRAM), "', \@ARGV;\n";
close $script;
chmod 0755, "$dir/server";
my $room = do {
	local $Room::PROGRAM = "$dir/server";
	Room->start(@place);
};
my $port = $room->port;
my $helper = $room->helper->{pid};
kill 'STOP', $helper;
$room->logs(qr/the privileged helper was stopped$/m,
    'the log says that the helper was stopped');
ok(hang_up($room, 400), 'the parent can ask it for the log 400 times');
my $alice = $room->enter('alice');
$alice->say('still here')->sees('<alice> still here', 'and the room goes on');
kill 'CONT', $helper;
my $dora = local_client($room);
$dora->say('')->sees(qr/^-- welcome daemon,/, 'when it continues, it answers');
ok(hang_up($room, 5), 'and is asked for the log again');
kill 'STOP', $helper;
$room->logs(qr/(?:helper was stopped(?s:.*)){2}/, 'it is stopped once more');

# Its parent is killed, and a new server takes everything over.
kill 'KILL', $room->pid;
Wait::until_true(sub { waitpid $room->pid, POSIX::WNOHANG() }, 0.02);
my $next = Room->start(@place, '--', '127.0.0.1', $port);
open my $fh, '<', "$dir/pid" or die "pid: $!\n";
is(0 + <$fh>, $next->pid, 'while it is stopped, the next server starts');
kill 'CONT', $helper;
$next->eventually(sub { !kill 0, $helper }, 'the old helper exits');
ok(-S "$dir/sock" && -s "$dir/pid", 'and leaves what is another\'s');
$next->stop;
ok(!-e "$dir/sock" && !-e "$dir/pid", 'whose own helper removes it');

# What can go wrong in the helper.
SKIP: {
	my $why = Faults::missing($Room::PROGRAM);
	skip $why, 7 if $why;
	my $faults = Faults->new($ENV{HELPER_SEED} // time);
	chmod 0666, $faults->environment;
	local %ENV = (%ENV, $faults->environment);
	$room = Room->start(@place);
	$helper = $room->helper->{pid};
	my $open = () = glob "/proc/$helper/fd/*";
	$faults->always('short-sendmsg');
	for (1 .. 3) {
		my $short = local_client($room);
		$short->say('')->expect(qr/^-- welcome uid$daemon,/);
		$short->say('!quit')->rest;
	}
	$faults->always(undef);
	is($faults->failed('short-sendmsg'), 3, 'where questions are torn,');
	is(scalar(my @now = glob "/proc/$helper/fd/*"), $open,
	    'the helper keeps nothing of them open');

	$faults->spare($_) for grep { $_ ne 'ppoll' } Faults::kinds();
	$faults->rate(2);
	my $wrong = 0;
	for (1 .. 20) {
		hang_up($room, 1);
		my $client = local_client($room);
		my $line = $client->say('')->expect(qr/^-- welcome /);
		$wrong++ if $line !~ /welcome daemon,/;
		$client->say('!quit')->rest;
		last if $wrong;
	}
	$faults->rate(0);
	is($wrong, 0, 'where its waiting is interrupted, it answers');
	cmp_ok($faults->failed('ppoll'), '>', 20, 'as it was');
	$room->stop;
}
Room::expects(qr/the privileged helper was stopped/);
done_testing;
