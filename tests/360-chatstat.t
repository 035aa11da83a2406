# Goal: chatstat shows from outside who is in the room and how far each client
# has read, as a program and in a terminal, without disturbing the server, and
# also when the server has ended.

use strict;
use warnings;
use lib 'tests/lib';
use IRC;
use Room;
use Terminal;
use Test::More;

my $room = Room->start;
my $port = $room->port;
my $alice = $room->enter('alice');
my $bob = $room->enter('bob', tsv => 1);
my $carol = IRC->enter($room, 'carol');
my $nobody = $room->connect;
$nobody->expect(qr/name\?/);
$alice->say($_)->expect("<alice> $_") for 1 .. 3;
$bob->expect(qr/\tmsg\talice\t3$/);

sub look { my ($args) = @_; return `contrib/chatstat/chatstat $args 2>&1` }

my @rows = map { [split /\t/] } split /\n/, look("-t $port");
is($rows[0][0], 'room', 'the first line is about the room');
is($rows[0][1], $room->pid, 'it names the parent');
is("@{$rows[0]}[3, 4]", '4 3', 'it counts clients and those with a name');
is($rows[0][7], 6, 'it counts what was published: three joins, three lines');
is($rows[0][8], 0, 'nobody holds the lock');
my %slot = map { $_->[3] => $_ } @rows[1 .. $#rows];
is(join(' ', sort keys %slot), ' alice bob carol', 'it has a line for each client');
is($slot{alice}[2], $room->session_of('alice'), 'with its process');
is($slot{alice}[4], '127.0.0.1', 'its origin');
is($slot{alice}[5], 'present', 'its state');
is($slot{alice}[7], 3, 'what it said');
is($slot{bob}[8], 5, 'and what it was told');
is("$slot{alice}[10] $slot{bob}[10] $slot{carol}[10]", 'plain tsv irc',
    'and the dialect of each');
is($slot{''}[5], 'entering', 'a client without a name is entering');
like(look("-1 $port"), qr/^ +\d+ +\d+ alice .* present /m,
    'for people it makes a table');
unlike(look("-1 $port"), qr{/s\)}, 'one look knows no rates');
like(look(1), qr/^chatstat: cannot open the room: .*\n\z/,
    'a room that is not there is said in one line');
is($? >> 8, 1, 'and exits 1');
look('nonsense');
is($? >> 8, 2, 'an invalid port exits with 2');

# What a session that was taken over could write there.
SKIP: {
	my ($path) = $room->shared_objects;
	skip 'the segment cannot be written to here', 1 if !$path;
	open my $segment, '+<', $path or die "$path: $!\n";
	my $bytes = do { local $/; <$segment> };
	while ($bytes =~ /alice/g) {
		sysseek $segment, $-[0], 0;
		syswrite $segment, "a\e[\t\n";
	}
	like(look("-1 $port"), qr/^ +\d+ +\d+ a\\033\[\?\\012 .* present /m,
	    'no name reaches a terminal raw');
	while ($bytes =~ /alice/g) {
		sysseek $segment, $-[0], 0;
		syswrite $segment, 'alice';
	}
}

SKIP: {
	skip 'no tmux', 16 if !Terminal->available;
	my $guest = $room->enter('a' x 32);
	for my $size ([80, 24], [40, 7], [30, 4], [200, 50]) {
		my ($columns, $rows) = @$size;
		my $small = Terminal->start(@$size)
		    ->type("contrib/chatstat/chatstat -s 1 $port; tput ed")
		    ->keys('Enter');
		$small->shows(qr/\Aroom .*\nring .*\nlock .*/,
		    "@$size: the first lines stay");
		$small->shows($rows > 6 ? qr/^ *SLOT +PID .*(?:\n +\d+ +\d+ .*)+/m :
		    qr/\A(?:.+\n){3}\s*\z/, 'with what fits');
		$small->shows(qr/^ +\d+ +\d+ aaaa+ +127\.0\.0\.1 .* plain$/m,
		    'and all columns') if $columns >= 80;
		$small->shows(qr/^ *SLOT .* LOST DIALE$/m,
		    'and their head as far as the last column')
		    if $columns == 80;
		$small->keys('Enter');
	}
	$guest->say('!quit')->rest;
	my $screen = Terminal->start(100, 24)
	    ->type("contrib/chatstat/chatstat -s 1 $port")->keys('Enter');
	$screen->shows(qr/alice/, 'in a terminal it shows the same');
	$alice->say('!name ally')->expect('-- alice is now ally');
	$screen->shows(qr/ally/, 'and looks again by itself');
	$room->stop;
	$screen->shows(qr/; stopping/, 'it goes on when the server ends');
	$screen->shows(qr/^room \S+, parent \d+ \(gone\): /m, 'and says so');
	$screen->keys('Enter')->shows(qr/^READY\s*\z/m, 'Enter ends it');
}
$room->stop if $room->pid;

# A killed server leaves its segment.
$room = Room->start;
$port = $room->port;
my @segments = $room->shared_objects;
unlike(look("-1 $port"), qr/gone/, 'a running server is not gone');
$room->signal('KILL');
$room->exit_status;
like(look("-1 $port"), qr/\Aroom \S+, parent \d+ \(gone\): /,
    'a killed one is');
unlink @segments;

# One that is not whole yet.
SKIP: {
	skip 'segments are no files here', 1 if !@segments;
	open my $fh, '>', $segments[0] or die "$segments[0]: $!\n";
	close $fh;
	like(look("-1 $port"), qr/it is not of this version, or its server/,
	    'a segment that is never finished is said to be that');
	unlink @segments;
}
done_testing;
