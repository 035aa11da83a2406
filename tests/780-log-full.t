# Goal: if the disk of the log is full, the log loses lines and nothing else,
# and continues when there is space again.

use strict;
use warnings;
use lib 'tests/lib';
use Cwd ();
use File::Temp;
use Room;
use Test::More;

my $program = Cwd::abs_path($Room::PROGRAM);
my $dir = File::Temp->newdir;
mkdir "$dir/disk";
chmod 0755, $dir;
plan skip_all => 'this system gives no small disk' if system(
    "unshare -m mount -t tmpfs -o size=16k none $dir/disk 2>/dev/null") != 0;

# The server on a disk that nobody else sees; what listens is told to Room by
# somebody else.
my $room = do {
	local $Room::PROGRAM = 'unshare';
	Room->start('-m', 'sh', '-c', qq{
	    mount -t tmpfs -o size=16k none $dir/disk
	    { until [ -S $dir/socket ]; do sleep 0.05; done
	    echo "chatserv: listening on $dir/socket"; } &
	    exec "\$@" 2>>$dir/disk/log }, 'sh', $program, '-u', "$dir/socket",
	    '-L', scalar getpwuid $>, '--', '-', $$);
};
my $log = '/proc/' . $room->pid . '/fd/2';

sub on_disk {
	open my $fh, '<', $log or die "$log: $!\n";
	return join '', <$fh>;
}

my $alice = $room->enter('alice');
like(on_disk(), qr/ joined as alice$/m, 'while there is space it is logged');
open my $fh, '>>', $log or die "$log: $!\n";
1 while syswrite $fh, "x\n" x 50;
my $length = length on_disk();

for my $n (1 .. 100) {
	my $guest = $room->enter("guest$n");
	$guest->say("I am $n")->expect("<guest$n> I am $n");
	$guest->say('!quit')->rest;
}
$alice->sees('-- guest100 left (quit)',
    'when the disk is full the room continues');
kill 'KILL', $room->session_of('alice');
my $bob = $room->enter('bob', last => 1);
is($bob->{entry}[1], '<guest100> I am 100', 'even when a session is killed');
cmp_ok(length on_disk(), '<', $length + 4096, 'which is not logged');
truncate $log, 0;
$bob->say('!name ben')->sees('-- bob is now ben', 'when there is space again');
$room->eventually(sub { on_disk() =~ /: bob is now ben$/m },
    'it is logged again');
$room->signal('USR2');
$room->eventually(sub {
	on_disk() =~ /: \d+ lines? of the log lost here\n.* of \d+ clients,/
}, 'and how many lines were lost');
$room->stop;
done_testing;
