#!/usr/bin/env perl
#
# Goal: the recipes of chatweb(8), copied from the page, bring a browser into
# the room: from a classroom, through ssh, and through nginx and Caddy with
# TLS.

use strict;
use warnings;
use lib 'tests/lib';
use Browser;
use Chatc;
use File::Temp;
use IO::Socket::IP;
use Manual;
use Room;
use Sshd;
use Test::More;
use Wait;
use Web;

plan skip_all => Browser::missing() if Browser::missing();
my $by = Manual::renderer() or plan skip_all => 'nothing shows a manual';
my $page = Manual::page('contrib/chatweb/chatweb.8', $by);
my $dir = File::Temp->newdir;
chmod 0755, $dir;
my $browser = Browser->start;
my $room = Room->start;
my $web;

sub has { grep { -x "$_/$_[0]" } split(/:/, $ENV{PATH}), '/usr/sbin' }

# The text of the page from here to its next empty line.
sub recipe {
	my ($begin) = @_;

	my ($text) = $page =~ /^ +(\Q$begin\E.*?)\n\n/ms or
	    die "no $begin in the page\n";
	return $text =~ s/\\\n +//gr;
}

sub spew {
	my ($path, $text) = @_;

	open my $fh, '>', $path or die "$path: $!\n";
	print $fh $text;
	close $fh;
	return $path;
}

# Starts a program and waits until it listens.
sub begin {
	my ($port, @command) = @_;

	my $program = Chatc->start(program => [@command], '--');
	Wait::until_true(sub { IO::Socket::IP->new(PeerHost => '127.0.0.1',
	    PeerPort => $port) }, 0.05) or die $program->err;
	return $program;
}

# Tests that a browser joins there, and talks.
sub admits {
	my ($name, $url, $address) = @_;

	# On the unix-domain socket the name is the login name.
	my $ear = $room->enter($room->{host} ? "ear-$name" : 'root', tsv => 1);
	my $visitor = $browser->visit($name, $url)->enter("by-$name");
	$ear->sees(qr/\tjoin\tby-$name\t\Q$address\E$/,
	    "$name: a browser joins, from $address");
	$visitor->say('hello');
	$ear->sees(qr/\tmsg\tby-$name\thello$/, "$name: and talks");
	$visitor->ask('close');
	$browser->is_content("$name: with nothing to complain of");
}

# ---- a classroom ----

# The options of a command on the page, without -b.
sub options {
	my ($command, %instead) = @_;

	my ($text) = recipe('chatserv -b') =~ /$command -b (.*)/ or
	    die "no $command\n";
	for my $word (sort keys %instead) {
		$text =~ s/\Q$word\E/$instead{$word}/ or
		    die "no $word in $text\n";
	}
	return map {tr/'//dr} split ' ', $text;
}

SKIP: {
	skip 'only root can be three users', 4 if $> != 0;
	my @serve = options('chatserv', '/run/chat.sock' => "$dir/sock",
	    '-L chatweb' => '-L daemon', '-U chatserv' => '-U nobody');
	my $lan = $room;
	$room = Room->start(@serve[0 .. $#serve - 2], '--', '-', Client::free_port());
	my @open = options('chatweb', '/run/chat.sock' => "$dir/sock",
	    '-U chatweb' => '-U daemon');
	$web = Web->start($room, @open[0 .. $#open - 1], '--', $open[-1], 0);
	# Any address of this machine will do.
	admits('classroom', "http://127.0.0.2:$web->{port}/", '127.0.0.1');
	$web->stop;
	$room->stop;
	$room = $lan;
}

# ---- from home ----

$web = Web->start($room, '-P', '127.0.0.1', '-H', 'chat.example.org');
SKIP: {
	skip 'no sshd, no ssh, or not root', 3
	    if !Sshd::available() || $> != 0;
	my $port = Client::free_port();
	my $ssh = Sshd::start($dir, '') =~ s/^ssh//r;
	my $command = recipe('ssh -N') =~
	    s/8080:localhost:8080/$port:localhost:$web->{port}/r =~
	    s/ server\.example\.org/$ssh/r;
	my $tunnel = begin($port, 'sh', '-c', "exec $command");
	admits('ssh', "http://localhost:$port/", '127.0.0.1');
	$tunnel->signal('TERM');
	$tunnel->status;
}

# ---- behind a proxy with TLS ----

sub through {
	my ($name, $begin, $change, @command) = @_;

	my $port = Client::free_port();
	my $text = recipe($begin) =~
	    s/127\.0\.0\.1:8080/127.0.0.1:$web->{port}/r;
	spew("$dir/$name.conf", $change->($text, $port));
	my $proxy = begin($port, @command);
	admits($name, "https://localhost:$port/", '127.0.0.1');
	$proxy->signal('TERM');
	$proxy->status;
}

sub certificate {
	return system('openssl req -x509 -newkey rsa:2048 -nodes -days 2 ' .
	    "-subj /CN=localhost -keyout $dir/key -out $dir/cert " .
	    '>/dev/null 2>&1') == 0;
}

SKIP: {
	skip 'no nginx, or no openssl', 3 if !has('nginx') || !certificate();
	local $ENV{PATH} = "$ENV{PATH}:/usr/sbin";
	through('nginx', 'server {', sub {
		my ($text, $port) = @_;
		$text =~ s/listen 443/listen 127.0.0.1:$port/;
		$text =~ s/chat\.example\.org/localhost/;
		$text =~ s{/etc/ssl/chat.pem}{$dir/cert};
		$text =~ s{/etc/ssl/private/chat.key}{$dir/key};
		return <<~CONF;
			daemon off;
			pid $dir/nginx.pid;
			error_log stderr;
			events { }
			http {
				access_log off;
				client_body_temp_path $dir/b;
				proxy_temp_path $dir/p;
				fastcgi_temp_path $dir/f;
				uwsgi_temp_path $dir/u;
				scgi_temp_path $dir/s;
				$text
			}
			CONF
	}, 'nginx', '-e', 'stderr', '-c', "$dir/nginx.conf");
}
SKIP: {
	skip 'no caddy', 3 if !has('caddy');
	local $ENV{HOME} = "$dir";
	through('caddy', 'chat.example.org {', sub {
		my ($text, $port) = @_;
		$text =~ s/chat\.example\.org/localhost:$port/;
		$text =~ s/\{\n/{\n\ttls internal\n/;
		return "{\n\tadmin off\n\tskip_install_trust\n" .
		    "\tauto_https disable_redirects\n}\n$text";
	}, 'caddy', 'run', '--adapter', 'caddyfile', '--config',
	    "$dir/caddy.conf");
}

Room::allows(qr/[\d.]+: refused: .*/);
$web->stop;
$room->stop;
done_testing();
