# Goal: if there is too little shared memory, or too little memory, the server
# says so, exits with 1 and leaves nothing behind; but it keeps what an
# earlier server has left.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Cwd ();
use File::Temp;
use Room;
use Test::More;

my $program = Cwd::abs_path($Room::PROGRAM);
my $dir = File::Temp->newdir;
my $socket = "$dir/socket";
my $cannot = 'chatserv: cannot make shared memory for room';

# Run it in a world of its own, whose /dev/shm has this size; what is left
# there comes last in its log.
sub run_within {
	my ($size, @options) = @_;

	local $Room::PROGRAM = 'unshare';
	return Room->run('-m', 'sh', '-c', qq{
	    mount -t tmpfs -o size=$size,mode=1777 none /dev/shm || exit 77
	    "\$@"; status=\$?; echo "left: \$(ls -A /dev/shm)"; exit \$status
	    }, 'sh', $program, '-u', $socket, @options, '127.0.0.1', 0);
}

SKIP: {
	my ($status, $log) = run_within('16m', '-z');
	skip 'this system gives no /dev/shm of its own', 6
	    if $status != 2;
	for (['64k', 'an empty but small /dev/shm'],
	    ['1500k', 'a segment that has space for half of it']) {
		($status, $log) = run_within($_->[0], '-r', '1M');
		is($status, 1, "$_->[1] ends the server at its start");
		like($log, qr/^$cannot \S+: No space left on device$/m,
		    'which says why');
		like($log, qr/^left: $/m, 'and leaves nothing there');
	}
}
ok(!-e $socket, 'nor its socket');

# A server dies, and there is no space to copy its history; then there is.
my $story = q{
    mount -t tmpfs -o size=2m,mode=1777 none /dev/shm || exit 77
    start()
    {
	: >"$log"
	"$1" -r 1M 127.0.0.1 "$2" 2>"$log" & pid=$!
	until grep 'listening\|cannot' "$log"; do sleep 0.05; done
    }
    log=$3
    start "$1" 0; port=$(sed -n 's/.* port //p' "$log")
    echo hello | "$2" -n x 127.0.0.1 "$port"
    kill -9 $pid; wait $pid
    start "$1" "$port"; wait $pid; echo "status $?"
    mount -o remount,size=16m /dev/shm
    start "$1" "$port"; "$2" -d -l 1 -w 0 -n y 127.0.0.1 "$port"
    kill $pid; wait $pid; echo "status $?, left: $(ls -A /dev/shm)" };

SKIP: {
	local $Room::PROGRAM = 'unshare';
	my ($status, $log) = Room->run('-m', 'sh', '-c', $story, 'sh',
	    $program, Cwd::abs_path($Chatc::PROGRAM), "$dir/log");
	skip 'this system gives no /dev/shm of its own', 2
	    if $status == 77 || $log !~ /listening/;
	like($log, qr/^$cannot \S+: No space left on device\nstatus 1$/m,
	    'too little for a second segment is reported, too');
	like($log, qr/\nstatus 1\n.*^<x> hello\n.*^status 0, left: $/ms,
	    'and the old one is there when there is space for both');
}

SKIP: {
	local $Room::PROGRAM = 'prlimit';
	my ($status, $log) = Room->run('--as=100000000', $program, '-u',
	    $socket, '-r', '1024M', '127.0.0.1', 0);
	skip 'memory cannot be limited here', 3
	    if $status == 127 || $ENV{SAN};
	is($status, 1, 'too little memory ends the server at its start');
	like($log, qr/^$cannot \S+: (?:Cannot allocate|Out of) memory$/m,
	    'which says why');
	my ($name) = $log =~ m{room /(\S+):};
	ok($name && !-e "/dev/shm/$name" && !-e $socket,
	    'and leaves nothing');
}
done_testing;
