#!/usr/bin/env perl
#
# Goal: chatweb is installed with its manual and services, and removed without
# a trace; s6 starts it and learns when it is ready, and the recipes of its
# manual, with TLS before it, admit a browser.

use strict;
use warnings;
use lib 'tests/lib';
use Browser;
use Chatc;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Find qw(find);
use File::Temp;
use IO::Socket::IP;
use Room;
use Test::More;
use Wait;
use Web;

my $root = File::Temp->newdir;
chmod 0755, $root;
my ($make) = grep { system("printf 'X != echo x\\nall:\\n' | $_ -f - " .
    '>/dev/null 2>&1') == 0 } qw(make gmake bmake);

sub has { grep { -x "$_/$_[0]" } split /:/, $ENV{PATH} }

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

sub spew {
	my ($path, $text) = @_;

	open my $fh, '>', $path or die "$path: $!\n";
	print $fh $text;
	close $fh;
}

sub slurp {
	my ($path) = @_;

	open my $fh, '<', $path or return '';
	local $/;
	return <$fh>;
}

sub free_port {
	my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.1',
	    Listen => 1) or die "listen: $@\n";
	return $socket->sockport;
}

# ---- what is put where ----

my @inits = map { s{.*/}{}r } glob 'contrib/service/*';
is(join(' ', map { s{.*/}{}r } glob 'contrib/chatweb/service/*'), "@inits",
    'there is a service for each system that chatserv has one for');
is(make('install-chatweb'), 0, 'it is installed');
is(files(), '/usr/sbin/chatweb /usr/share/man/man8/chatweb.8',
    'with its manual');
is(make("install-chatweb-service INIT=$_"), 0, "a service for $_")
    for qw(s6 systemd);
unlike(slurp("$root/i/etc/s6/sv/chatweb/run"), qr{/usr/local},
    'which starts what was installed');
make("uninstall-chatweb-service INIT=$_") for qw(s6 systemd);
make('uninstall-chatweb');
is(files(), '', 'and all of it can be removed');

# ---- under a supervisor ----

my $room = Room->start;

SKIP: {
	skip 'no s6 here', 3 if !has('s6-svscan') || !has('s6-svwait');
	local @ENV{qw(MAKEFLAGS MFLAGS)} = ('', '');
	my $sbin = dirname(abs_path($Web::PROGRAM));
	system("$make -s install-chatweb-service INIT=s6 DESTDIR= " .
	    "SERVICEDIR=$root/sv SBINDIR=$sbin >/dev/null");
	spew("$root/sv/chatweb/conf", "set -- -r $room->{host}:$room->{port} " .
	    "127.0.0.1 0\n");
	spew("$root/sv/chatweb/log/conf", "dir=$root/log\n");
	my $scan = Chatc->start(program => ['s6-svscan', "$root/sv"], '--');
	my $up = sub {
		system("s6-svwait -U -t 30000 $root/sv/chatweb 2>/dev/null") ==
		    0;
	};
	ok(Wait::until_true($up, 0.05), 's6 starts it, and learns that it is ready');
	my $port = Wait::until_true(sub { slurp("$root/log/current") =~
	    /listening on 127\.0\.0\.1 port (\d+)/ && $1 }, 0.05);
	my $web = bless { host => '127.0.0.1', port => $port }, 'Web';
	ok(eval { $web->browse('ann') }, 'and browsers can come');
	$scan->signal('TERM');
	$scan->status;
	like(slurp("$root/log/current"), qr/chatweb: stopped\n\z/,
	    'it is stopped in order');
}

# ---- behind a proxy with TLS ----

my $manual = slurp('contrib/chatweb/chatweb.8');
my $web = Web->start($room, '-P', '127.0.0.1', '-H', 'chat.example.org');

# Open the page through what the manual has in this literal, changed for here.
sub through {
	my ($name, $literal, $change, @command) = @_;

	my ($text) = $manual =~ /^\.Bd -literal.*\n(\Q$literal\E.*?)^\.Ed/ms or
	    die "no $literal in the manual\n";
	my $port = free_port();
	s/127\.0\.0\.1:8080/127.0.0.1:$web->{port}/ for $text;
	spew("$root/$name.conf", $change->($text, $port));
	my $proxy = Chatc->start(program => [@command], '--');
	Wait::until_true(sub { IO::Socket::IP->new(PeerHost => '127.0.0.1',
	    PeerPort => $port) }, 0.05) or die $proxy->err;
	my $browser = Browser->start;
	my $page = $browser->visit('ann', "https://localhost:$port/");
	my $ear = $room->enter("ear-$name");
	$page->enter("by-$name");
	$ear->sees("-- by-$name joined", "a browser comes in by $name and TLS");
	$page->say('hello');
	$ear->sees("<by-$name> hello", 'and talks');
	$browser->is_content('with nothing to complain of');
	$proxy->signal('TERM');
	$proxy->status;
}

sub certificate {
	return system('openssl req -x509 -newkey rsa:2048 -nodes -days 2 ' .
	    "-subj /CN=localhost -keyout $root/key -out $root/cert " .
	    '>/dev/null 2>&1') == 0;
}

SKIP: {
	my $missing = Browser::missing() // (has('nginx') ? undef : 'no nginx');
	skip $missing, 3 if defined $missing;
	skip 'no openssl', 3 if !certificate();
	through('nginx', 'server {', sub {
		my ($text, $port) = @_;
		$text =~ s/listen 443/listen 127.0.0.1:$port/;
		$text =~ s/chat\.example\.org/localhost/;
		$text =~ s{/etc/ssl/chat.pem}{$root/cert};
		$text =~ s{/etc/ssl/private/chat.key}{$root/key};
		return <<~CONF;
			daemon off;
			pid $root/nginx.pid;
			error_log stderr;
			events { }
			http {
				access_log off;
				client_body_temp_path $root/b;
				proxy_temp_path $root/p;
				fastcgi_temp_path $root/f;
				uwsgi_temp_path $root/u;
				scgi_temp_path $root/s;
				$text
			}
			CONF
	}, 'nginx', '-e', 'stderr', '-c', "$root/nginx.conf");
}
SKIP: {
	my $missing = Browser::missing() // (has('caddy') ? undef : 'no caddy');
	skip $missing, 3 if defined $missing;
	local $ENV{HOME} = "$root";
	through('caddy', 'chat.example.org {', sub {
		my ($text, $port) = @_;
		$text =~ s/chat\.example\.org/localhost:$port/;
		$text =~ s/\{\n/{\n\ttls internal\n/;
		return "{\n\tadmin off\n\tskip_install_trust\n" .
		    "\tauto_https disable_redirects\n}\n$text";
	}, 'caddy', 'run', '--adapter', 'caddyfile', '--config',
	    "$root/caddy.conf");
}

Room::allows(qr/[\d.]+: refused: .*/);
$web->stop;
$room->stop;
done_testing();
