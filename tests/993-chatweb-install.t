#!/usr/bin/env perl
#
# Goal: chatweb is installed with its manual and services, and removed without
# a trace; s6 starts it and learns when it is ready.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Debian;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Find qw(find);
use File::Temp;
use Files qw(slurp_if_any spew);
use Room;
use Test::More;
use Wait;
use Web;

my $root = File::Temp->newdir;
chmod 0755, $root;
my ($make) = grep { system("printf 'X != echo x\\nall:\\n' | $_ -f - " .
    '>/dev/null 2>&1') == 0 } qw(make gmake bmake);

sub has { grep { -x "$_/$_[0]" } split /:/, $ENV{PATH} }

# Goals that build nothing do without a compiler, which make else tries first.
sub make {
	my (@words) = @_;

	local @ENV{qw(MAKEFLAGS MFLAGS)} = ('', '');
	return system("$make -s @words DESTDIR=$root/i PREFIX=/usr " .
	    '>/dev/null 2>&1');
}

sub files {
	my @found;

	find(sub { push @found, $File::Find::name =~ s/\A\Q$root\E.i//r
	    if -f }, "$root/i");
	return join ' ', sort @found;
}

# ---- what is put where ----

# (Only chatserv has files that systemd-tmpfiles makes.)
my @inits = grep { $_ ne 'tmpfiles' } map { s{.*/}{}r } glob 'contrib/service/*';
is(join(' ', map { s{.*/}{}r } glob 'contrib/chatweb/service/*'), "@inits",
    'there is a service for each system that chatserv has one for');
is(make('install-chatweb'), 0, 'it is installed');
is(files(), '/usr/sbin/chatweb /usr/share/man/man8/chatweb.8',
    'with its manual');
my $systemd = 'INIT=systemd SERVICEDIR=/lib/systemd/system';
is(make("install-chatweb-service $_", 'CC=true'), 0, "a service: $_")
    for $systemd, 'INIT=sysusers';
is(join("\n", Debian::disagreements(['chatweb'], split / /, files())), '',
    'Debian has a package for all of it');
is(make('install-chatweb-service INIT=s6', 'CC=true'), 0, 'a service for s6');
unlike(slurp_if_any("$root/i/etc/s6/sv/chatweb/run"), qr{/usr/local},
    'which starts what was installed');
make("uninstall-chatweb-service $_", 'CC=true') for $systemd,
    'INIT=sysusers', 'INIT=s6';
make('uninstall-chatweb', 'CC=true');
is(files(), '', 'and all of it can be removed');

# ---- what was probably meant ----

my @mistakes = ('8080' => 'the port comes second, as in "localhost 8080"',
    'here:80' => 'the port is an argument of its own, as in "here 80"',
    '-p 8080' => 'the port comes after the host, as in "localhost 8080"');
while (my ($arguments, $wanted) = splice @mistakes, 0, 2) {
	like(`$Web::PROGRAM $arguments 2>&1`, qr/: \Q$wanted\E\n\z/,
	    "chatweb $arguments is no use, and what would be is said");
}

# ---- under a supervisor ----

my $room = Room->start;

SKIP: {
	skip 'no s6 here', 3 if !has('s6-svscan') || !has('s6-svwait');
	local @ENV{qw(MAKEFLAGS MFLAGS)} = ('', '');
	my $sbin = dirname(abs_path($Web::PROGRAM));
	system("$make -s install-chatweb-service CC=true INIT=s6 DESTDIR= " .
	    "SERVICEDIR=$root/sv SBINDIR=$sbin >/dev/null");
	spew("$root/sv/chatweb/conf", "set -- -r $room->{host}:$room->{port} " .
	    "127.0.0.1 0\n");
	spew("$root/sv/chatweb/log/conf", "dir=$root/log\n");
	my $scan = Chatc->start(program => ['s6-svscan', "$root/sv"], '--');
	my $up = sub {
		system("s6-svwait -U -t 30000 $root/sv/chatweb 2>/dev/null") ==
		    0;
	};
	ok(Wait::until_true($up, 0.05),
	    's6 starts it, and learns that it is ready');
	my $port = Wait::until_true(sub { slurp_if_any("$root/log/current") =~
	    /listening on 127\.0\.0\.1 port (\d+)/ && $1 }, 0.05);
	my $web = bless { host => '127.0.0.1', port => $port }, 'Web';
	ok(eval { $web->browse('ann') }, 'and browsers can connect');
	$scan->signal('TERM');
	$scan->status;
	like(slurp_if_any("$root/log/current"), qr/chatweb: stopped\n\z/,
	    'it is stopped in order');
}

$room->stop;
done_testing();
