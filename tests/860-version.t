#!/usr/bin/env perl
#
# Goal: one version, the Makefile's, is what each program, the log, IRC, the
# change log and the package say; protocol and segment have numbers of their
# own, which their manuals name; and a commit is one tarball, byte for byte.

use strict;
use warnings;
use lib 'tests/lib';
use Cwd;
use File::Temp;
use IRC;
use Room;
use Test::More;

sub slurp {
	my ($path) = @_;

	open my $fh, '<:raw', $path or die "$path: $!\n";
	local $/;
	return <$fh>;
}

my ($version) = slurp('Makefile') =~ /^VERSION = (\d+\.\d+\.\d+)$/m;
ok($version, 'the Makefile has a semantic version') or BAIL_OUT('none');

# The programs.
for my $program ($Room::PROGRAM, $ENV{CHATC} // 'chatc/chatc',
    'contrib/chatstat/chatstat') {
	my ($name) = $program =~ m{([^/]+)\z};
	is(`$program -V 2>&1`, "$name $version\n", "$name -V shows it");
	is($?, 0, 'and that is no failure');
	SKIP: {
		skip 'no /dev/full here', 1 if !-c '/dev/full';
		isnt(system("$program -V >/dev/full 2>/dev/null"), 0,
		    'unless nobody can read it');
	}
}

# The log, and IRC.
my %number = slurp('ipc/common/version.h') =~
    /^#define VERSION_(PROTOCOL|SEGMENT)\s+(\d+)/mg;
my $room = Room->start('-N', 'irc.example');
is(($room->log =~ /\A(.*)\n/)[0], "chatserv: version $version, protocol " .
    "$number{PROTOCOL}, segment $number{SEGMENT}", 'the log begins with it');
my $irc = bless $room->connect, 'IRC';
$irc->say('NICK ann')->say('USER a 0 * :A');
my @welcome = $irc->expect(qr/ 366 /);
ok((grep {/ 002 ann :.* chatserv-\Q$version\E$/} @welcome),
    'IRC has it in 002');
ok((grep {/ 004 ann \S+ chatserv-\Q$version\E /} @welcome), 'and in 004');
$irc->say('VERSION')->sees(qr/ 351 ann chatserv-\Q$version\E /, 'and in 351');
$room->stop;

# The other numbers.
like(slurp('chatserv/chatproto.7'),
    qr/^It describes version $number{PROTOCOL} of the protocol\.$/m,
    'chatproto(7) has the number of the protocol');
like(slurp('ipc/bus/bus.3'),
    qr/^The layout of the segment has version $number{SEGMENT},/m,
    'bus(3) has that of the segment');

# What belongs to a release.
like(slurp('contrib/CHANGELOG'), qr/\A[^\n]*\n\n\Q$version\E\b/,
    'the change log begins with this version');
like(slurp('contrib/packages/debian/changelog'), qr/\Achatserv \(\Q$version\E\)/,
    'so does that of the package');

# The tarball: of two clones, with other times and another mask.
SKIP: {
	my ($make) = grep { system("printf 'X != echo x\\nall:\\n' | " .
	    "$_ -f - >/dev/null 2>&1") == 0 } qw(make gmake bmake);
	my $dir = File::Temp->newdir;
	my $top = getcwd;
	skip 'this is no clone', 4
	    if system("git clone -q . $dir/one 2>/dev/null") != 0;
	local @ENV{qw(MAKEFLAGS MFLAGS)} = ('', '');
	is(system("cd $dir && umask 077 && git clone -q $top two && " .
	    "touch -d 2001-01-01 two/Makefile two/chatc/* && " .
	    "for c in one two; do (cd \$c && $make dist CC=true >/dev/null) " .
	    '|| exit; done'), 0, 'two clones make a tarball each');
	my @files = glob "$dir/*/chatserv-*.tar.gz";
	my ($one, $two) = map { slurp($_) } @files;
	ok(@files == 2 && $one eq $two, 'and it is the same');
	my ($in_tree) = `cd $dir/one && git show HEAD:Makefile` =~
	    /^VERSION = (.*)$/m;
	is(join('', sort `tar -tzf $files[0] | grep -v '/\$'`),
	    join('', sort map {"chatserv-$in_tree/$_"}
	    `cd $dir/one && git ls-files`),
	    'every file is in it, and no other');
	isnt(system("cd $dir/one && echo >>README.md && " .
	    "$make dist CC=true >/dev/null 2>&1"), 0,
	    'uncommitted changes make none');
}
done_testing();
