#!/usr/bin/env perl
#
# Goal: the recipes of chatserv-tasks(7) for TLS, copied from the page as
# mandoc(1) renders it, admit chatc, irssi and nc through stunnel and socat,
# under names of their choice.  The room, its proxy and the clients are three
# users.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Client;
use File::Temp;
use Foreign;
use IO::Socket::INET;
use Manual;
use Room;
use Test::More;
use Wait;

sub has { return grep { -x "$_/$_[0]" } split /:/, $ENV{PATH} }

plan skip_all => 'only root can be three users' if $> != 0;
plan skip_all => 'no openssl, socat or nc'
    if grep { !has($_) } qw(openssl socat nc);
my $by = Manual::renderer() or plan skip_all => 'nothing shows a manual';
my $page = Manual::page('chatserv/chatserv-tasks.7', $by);
my $dir = File::Temp->newdir;
chmod 0755, $dir;
my $socket = "$dir/sock";

# What the page has from this on, to its next empty line, for this place.
sub recipe {
	my ($begin, %instead) = @_;

	my ($text) = $page =~ /^ +((?:\$ )?\Q$begin\E.*?)\n(?:\n| *\$ )/ms or
	    die "no $begin in the page\n";
	$text =~ s/^ +|^\$ //mg;
	for my $word (sort keys %instead) {
		$text =~ s/\Q$word\E/$instead{$word}/ or
		    die "no $word in $text\n";
	}
	return $text;
}

sub begin { return Chatc->start(program => ['sh', '-c', @_], '--') }

sub listens {
	my ($port, $program) = @_;

	Wait::until_true(sub { IO::Socket::INET->new(PeerPort => $port,
	    PeerAddr => '127.0.0.1') }, 0.05) or die $program->err;
	return $port;
}

system('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 ' .
    '-nodes -days 2 -subj /CN=localhost -addext ' .
    "subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout $dir/key " .
    "-out $dir/cert 2>/dev/null") == 0 or die "openssl fails\n";
my ($options) = recipe('chatserv -b -u', 'chatserv -b ' => '',
    '/run/chat.sock' => $socket, 'tls' => 'daemon', 'U chatserv' =>
    'U nobody') =~ /(.*) - 1/;
my $room = Room->start(split ' ', $options);
my $ear = $room->enter('ear', tsv => 1);

# Each proxy, on a port of its own.
my %proxy;
{
	my $port = Client::free_port();
	my $listen = recipe('socat \\', 'chat.pem' => "$dir/cert",
	    'chat.key' => "$dir/key", 'su=tls' => 'su=daemon',
	    '/run/chat.sock' => $socket, ':53443' =>
	    ":$port,bind=127.0.0.1") =~ s/^socat/exec socat/r;
	$proxy{socat} = { port => $port, program => begin($listen),
	    address => 'local' };
}
if (has('stunnel')) {
	my $port = Client::free_port();
	open my $conf, '>', "$dir/conf" or die "conf: $!\n";
	print $conf "foreground = yes\npid =\n", recipe('setuid = tls',
	    'tls' => 'daemon', 'accept = 53443' => "accept = 127.0.0.1:$port",
	    '/run/chat.sock' => $socket, '/etc/ssl/chat.pem' => "$dir/cert",
	    '/etc/ssl/private/chat.key' => "$dir/key"), "\n";
	close $conf;
	$proxy{stunnel} = { port => $port, address => '127.0.0.1',
	    program => begin("exec stunnel $dir/conf") };
}

# Through which the clients join, talk and leave.
sub admits {
	my ($name) = @_;
	my ($port, $program, $address) =
	    @{ $proxy{$name} }{qw(port program address)};

	listens($port, $program);
	my $tls = Manual::example('chatc/chatc.1', qr/s_client/, 'chat.pem' =>
	    "$dir/cert", 'room.example.org:53443' => "127.0.0.1:$port");
	my ($client) = $tls =~ /\Achatc -e '(.*)'\z/s;
	my $chatc = Chatc->start('-n', "c-$name", '-e', "$client 2>/dev/null");
	$ear->sees(qr/\tjoin\tc-$name\t\Q$address\E$/,
	    "$name: chatc joins, from $address");
	$chatc->type("hello\n")->end;
	$ear->sees(qr/\tmsg\tc-$name\thello$/, "$name: and talks");
	is($chatc->status, 0, "$name: and goes");

	my $local = Client::free_port();
	my $tunnel = begin(recipe('socat TCP-LISTEN', 'chat.pem' =>
	    "$dir/cert", 'room.example.org:53443' => "localhost:$port",
	    ':53000' => ":$local") =~ s/^socat/exec socat/r);
	listens($local, $tunnel);
	my $nc = begin(recipe('nc localhost', '53000' => $local));
	$nc->type("n-$name\nhello\n");
	$ear->sees(qr/\tmsg\tn-$name\thello$/, "$name: nc joins and talks");
	$nc->type("!quit\n");
	$ear->sees(qr/\tleave\tn-$name\tquit$/, "$name: and goes");
	$tunnel->signal('TERM');
	# It takes longest to start, and the TLS is the same.
	speaks_irc($name, $port) if $name eq (sort keys %proxy)[-1];
	$program->signal('TERM');
	$program->status;
}

sub speaks_irc {
	my ($name, $port) = @_;

	return if !grep { $_ eq 'irssi' } Foreign->available;
	my $irssi = Foreign->start('irssi', undef, "i-$name");
	$irssi->type(recipe('/connect -tls', 'chat.pem' => "$dir/cert",
	    'room.example.org 53443' => "localhost $port"));
	$irssi->shows(qr/#chat/, "$name: irssi joins");
	$irssi->say('hello');
	$ear->sees(qr/\tmsg\ti-$name\thello$/, "$name: and talks");
	$irssi->quit;
	$ear->expect(qr/\tleave\ti-$name\t/);
}

admits($_) for sort keys %proxy;
Room::allows(qr/.*disconnected without a name/);
$room->stop;
done_testing();
