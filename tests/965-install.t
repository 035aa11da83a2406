#!/usr/bin/env perl
#
# Goal: make install and its like put every file below DESTDIR, also where
# that has a blank, and uninstall removes the same ones; install-service says
# which INIT= there are; and the Debian packages take all that they install.

use strict;
use warnings;
use lib 'tests/lib';
use Debian;
use File::Find;
use File::Temp;
use Test::More;

my ($make) = grep { system("printf 'X != echo x\\nall:\\n' | $_ -f - " .
    '>/dev/null 2>&1') == 0 } qw(make gmake bmake);
local @ENV{qw(MAKEFLAGS MFLAGS)} = ('', '');
my $dir = File::Temp->newdir;
my $dest = "$dir/a dir";
mkdir $dest or die "$dest: $!\n";

sub files {
	my @found;

	find({ no_chdir => 1, wanted => sub { push @found, $_ if -f } }, $dir);
	return sort map {s/^\Q$dest\E//r} @found;
}

# Goals that build nothing do without a compiler, which make else tries first.
my $cc = 'CC=true';
sub goal {
	my (@goal) = @_;
	return system($make, '-s', "DESTDIR=$dest", @goal);
}

is(goal('install'), 0, 'the programs can be installed');
my @files = files();
is(scalar(grep {m{^/usr/local/s?bin/chat(?:serv|c|stat)\z}} @files), 3,
    'the three of them are there');
is(join(' ', grep { !m{^/usr/local/} } @files), '', 'and nothing elsewhere');
is(goal('uninstall', $cc), 0, 'they can be removed');
is(join(' ', files()), '', 'and all are');

my @packaged = @files;
chomp(my @inits = `ls contrib/service`);
for my $init (@inits) {
	is(goal('install-service', "INIT=$init", $cc), 0, "a service for $init");
	ok(scalar(@{[files()]}), 'has files');
	push @packaged, files() if $init =~ /^(?:sys|tmpfiles)/;
	is(goal('uninstall-service', "INIT=$init", $cc), 0, 'that can be removed');
	is(join(' ', files()), '', 'and all are');
}
for my $init ('', 'INIT=nonsense') {
	my $said = `$make -s $cc DESTDIR='$dest' install-service $init 2>&1`;
	isnt($?, 0, 'without an INIT that exists there is none');
	is((split /\n/, $said)[0], "which INIT=? There are @inits",
	    'but lists those that exist');
	is(join(' ', files()), '', 'and nothing is installed');
}
# As contrib/packages/debian/rules gives PREFIX and SERVICEDIR.
s{^/usr/local/lib/systemd}{/lib/systemd}, s{^/usr/local}{/usr} for @packaged;
is(join("\n", Debian::disagreements([qw(chatserv chatc)], @packaged)), '',
    'Debian has packages for all of it');
done_testing;
