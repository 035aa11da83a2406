# Goal: whatever other users have placed where a server that is started as
# root creates its socket and its pidfile, it creates, changes and removes
# only these; where others can place files later, it does not start.

use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use Faults;
use File::Temp qw(tempdir);
use POSIX qw(mkfifo);
use Room;
use Test::More;

my ($uid, $gid) = (getpwnam 'daemon')[2, 3];
plan skip_all => 'only root can do this' if $> != 0;
plan skip_all => 'this needs the user daemon' if !defined $uid;
my $top = abs_path(tempdir(CLEANUP => 1));
chmod 0755, $top;
my $victim = "$top/victim";

# A directory of this mode and owner.
sub directory {
	my ($name, $mode, $owner) = @_;

	mkdir "$top/$name" or die "$name: $!\n";
	chown $owner, $owner ? $gid : 0, "$top/$name" if $owner;
	chmod $mode, "$top/$name";
	return "$top/$name";
}

sub reset_victim {
	unlink $victim;
	open my $fh, '>', $victim or die "$victim: $!\n";
	print $fh "precious\n";
	close $fh;
	chmod 0600, $victim;
}

# What no start may change.
sub victim {
	open my $fh, '<', $victim or return 'gone';
	my $text = <$fh> // '';
	my ($mode, $owner, $group) = (stat $fh)[2, 4, 5];
	return sprintf '%s%o %d %d', $text, $mode & 07777, $owner, $group;
}

# A test: a start with these options ends like this, and changes no victim.
sub refuses {
	my ($argv, $shown, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($status, $output) = Room->run(@$argv, '127.0.0.1', 0);
	is($status, 1, "no start: $name");
	like($output, qr/\Achatserv: cannot .*$shown\n\z/,
	    'with a clear message');
	is(victim(), "precious\n600 0 0", 'and nothing has happened');
}

my $safe = directory('safe', 0755, 0);
my $sticky = directory('sticky', 01777, 0);
my $open = directory('open', 0777, 0);
my $staff = directory('staff', 0775, 0);
my $theirs = directory('theirs', 0755, $uid);
my $home = directory('theirs/sticky', 01777, $uid);
my $not_safe = qr/its directory is not safe: .*/;

# Where others can write, a name may change its meaning.
reset_victim();
for (['-u', 'sock'], ['-p', 'pid']) {
	my ($option, $file) = @$_;
	refuses([$option, "$_->[0]/$file"], $not_safe,
	    "$option in a directory $_->[1]")
	    for [$open, 'that all can write to'], [$staff, 'of a group'],
	    [$theirs, 'of somebody else'], [$home, 'of theirs, if sticky'];
	ok(!-e "$_/$file", 'nothing is there') for $open, $theirs;
}

# Links in the path: the server follows those of root, and no other.
sub theirs_too {
	my ($from, $to) = @_;

	symlink $to, $from or die "$from: $!\n";
	system 'chown', '-h', $uid, $from;
}
symlink 'safe', "$top/link" or die "link: $!\n";
theirs_too("$sticky/link", $safe);
theirs_too("$theirs/link", $safe);
symlink $safe, "$theirs/ours" or die "ours: $!\n";
refuses([$_->[0], "$sticky/link/$_->[1]"], 'Too many levels of .*',
    "$_->[0] through a link of somebody else's") for ['-u', 'sock'],
    ['-p', 'pid'];
refuses(['-p', "$theirs/$_/pid"], 'Too many levels of .*',
    "through a link where $_ can put one") for 'ours', 'link';
is(join(' ', glob "$safe/*"), '', 'nothing is created where they lead');
my $room = Room->start('-u', "$top/link/sock", '-p', "$top/link/pid");
ok(-S "$safe/sock" && -s "$safe/pid", 'root\'s own links lead on');
$room->stop;
is(join(' ', glob "$safe/*"), '', 'and both are removed');

# Files that are there already.
sub planted {
	my ($what, $plant) = @_;

	for (['-u', "$sticky/sock"], ['-p', "$sticky/pid"]) {
		my ($option, $path) = @$_;
		reset_victim();
		$plant->($path);
		my $was = join ' ', (lstat $path)[0 .. 5];
		refuses([$option, $path], '.*', "$option on $what");
		is(join(' ', (lstat $path)[0 .. 5]), $was, 'which stays');
		unlink $path;
	}
}
planted('a link', sub { theirs_too($_[0], $victim) });
planted('another name of a file', sub { link $victim, $_[0] });
planted('a FIFO', sub { mkfifo $_[0], 0666 });
planted('a link to nowhere', sub { theirs_too($_[0], "$safe/nowhere") });
planted('a file of theirs', sub {
	open my $fh, '>', $_[0];
	chown $uid, $gid, $_[0];
});
ok(!-e "$safe/nowhere", 'nothing is created behind a link');
open my $fh, '>', "$sticky/pid" or die "pid: $!\n";
chmod 0666, "$sticky/pid";
refuses(['-p', "$sticky/pid"], 'what is there .*', '-p on what all can write');

# Files that appear at the moment at which the socket exists.
SKIP: {
	my $why = Faults::missing($Room::PROGRAM);
	skip $why, 6 if $why;
	local $ENV{LD_PRELOAD} = abs_path($Faults::LIBRARY);
	local $ENV{PLANT} = $victim;
	reset_victim();
	refuses(['-u', "$sticky/sock:daemon:666"], 'it was replaced at once',
	    'a link takes the place of the socket');
	unlink "$sticky/sock", "$sticky/sock~";
	refuses(['-u', "$sticky/sock"], 'it was replaced at once',
	    'the same without a group');
}

# Socket and pidfile keep their directory for as long as the server lives.
$room = Room->start('-u', "$safe/sock", '-p', "$safe/pid");
rename $safe, "$top/moved" or die "moved: $!\n";
symlink 'theirs', $safe or die "safe: $!\n";
for my $file (qw(sock pid)) {
	open my $fh, '>', "$theirs/$file" or die "$file: $!\n";
}
$room->stop;
is(join(' ', glob "$top/moved/*"), '', 'at the end they are removed there');
ok(-e "$theirs/sock" && -e "$theirs/pid", 'and nowhere else');
done_testing;
