#!/usr/bin/env perl
#
# Goal: with chatc -e any program that carries bytes can carry the
# conversation, and one that fails, hangs or dies causes an error that says
# so.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Cwd;
use File::Temp;
use Manual;
use Room;
use Sshd;
use Terminal;
use Test::More;
use Wait;

my $socket_dir = File::Temp->newdir;
my $socket = "$socket_dir/chat.sock";
my $room = Room->start('-u', $socket, '-L', scalar getpwuid $<);
my $ear = $room->enter('ear', tsv => 1);
my $dir = File::Temp->newdir;

sub has { return grep { -x "$_/$_[0]" } split /:/, $ENV{PATH} }

# The pids of what runs below this process.
sub below {
	my ($pid) = @_;
	return map { $_->{pid} } grep { $_->{parent} == $pid }
	    Room::processes();
}

# An example of the manual, with our addresses instead of its.
sub example {
	my ($wanted, %instead) = @_;
	return Manual::example('chatc/chatc.1', $wanted, %instead);
}

# What an example gives to -e.
sub command_of {
	my ($example) = @_;
	return $example =~ /\Achatc -e '(.*)'\z/s ? $1 :
	    die "not chatc -e: $example\n";
}

# Send lines through a command; what the room received, status and errors.
sub through {
	my ($name, $command, $input) = @_;

	my $chatc = Chatc->start('-n', $name, '-e', $command);
	$chatc->type($input)->end;
	my $status = $chatc->status;
	my @heard = map { /\tmsg\t\Q$name\E\t(.*)/ ? $1 : () }
	    $ear->expect(qr/\tleave\t\Q$name\E\tquit/);
	return ($status, \@heard, $chatc);
}

SKIP: {
	skip 'no nc', 3 if !has('nc');
	my ($status, $heard, $chatc) = through('nc',
	    "nc $room->{host} $room->{port}", "one\ntwo");
	is($status, 0, 'through nc everything is published');
	is_deeply($heard, [qw(one two)], 'and heard');
	is($chatc->err, '', 'without a complaint');
}

# On the machine of the server.
my $login = getpwuid $<;
for my $name ($login, "$login/2") {
	my $chatc = Chatc->start('-q', '-u', $socket)->type("it is I\n");
	$chatc->shows(qr/^<\Q$name\E> it is I\n/m,
	    "on a unix socket one's name is $name");
}

# With TLS.
SKIP: {
	skip 'no openssl or socat', 3 if !has('openssl') || !has('socat');
	my ($key, $cert) = map {"$dir/$_"} qw(chat.key chat.pem);
	system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 " .
	    "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 " .
	    "-keyout $key -out $cert 2>/dev/null") == 0 or die;
	my $listen = example(qr/OPENSSL-LISTEN/, 'chat.pem' => $cert,
	    'chat.key' => $key, '/run/chat.sock' => $socket,
	    ':53443' => ':0,bind=127.0.0.1') =~ s/^socat/exec socat -d -d/r;
	my $tls = Chatc->start(program => ['sh', '-c', $listen], '--');
	$tls->expect(qr/listening on AF=2 127\.0\.0\.1:\d+/, 'err');
	my ($port) = $tls->err =~ /127\.0\.0\.1:(\d+)/;
	my $client = command_of(example(qr/s_client/, 'chat.pem' => $cert,
	    'room.example.org:53443' => "127.0.0.1:$port"));
	my @lines = map { ("Q$_", "R$_", 'Q', 'R', 'K', "x $_") } 1 .. 500;
	my ($status, $heard) = through('tls', "$client 2>$dir/tls",
	    join "\n", @lines);
	is($status, 0, 'through openssl and socat everything is published');
	is_deeply($heard, \@lines,
	    'and received, whatever the lines look like');
	my $wrong = Chatc->start(qw(-n wrong -e), "$client 2>/dev/null" =~
	    s/\Q$cert\E/\/dev\/null/r);
	is($wrong->end->status, 69, 'a server that cannot prove itself is not ' .
	    'spoken to');
	$tls->signal('TERM');
}

# Through a login on another machine.
SKIP: {
	skip 'no sshd, no ssh, no nc, or not root', 4
	    if !Sshd::available() || !has('nc') || $> != 0;
	my $ssh = Sshd::start($dir, '');
	my $command = command_of(example(qr/ssh .*nc -U/,
	    'ssh room.example.org' => $ssh, '/run/chat.sock' => $socket));
	my ($status, $heard, $chatc) = through('ssh', $command, "one\ntwo");
	is($status, 0, 'through ssh everything is published');
	is_deeply($heard, [qw(one two)], 'and heard');
	my ($gone) = Chatc->start(qw(-n gone -e), "$ssh exit 3")->end;
	is($gone->status, 69, 'a login that fails is an error');
	like($gone->err, qr/exited with status 3$/m, 'which says how');

	my $force = example(qr/ForceCommand/, '/run/chat.sock' => $socket,
	    'exec chatc' => 'exec ' . ($ENV{CHATC} // getcwd . '/chatc/chatc'));
	$ssh = Sshd::start($dir, $force);
	my $guest = Chatc->start(program => ['sh', '-c', "exec $ssh"], '--');
	$guest->type("by ssh\n")->end;
	is($guest->status, 0,
	    'a user whose login leads into the room publishes every line');
	$ear->expect(qr/\tmsg\t\Q$login\E(?:\/\d)?\tby ssh/);
	skip 'no tmux', 1 if !Terminal::available();
	my $window = Terminal->start(80, 20);
	$window->type(example(qr/ssh -t/, 'ssh -t' => "$ssh -t",
	    'room.example.org' => ''))->keys('Enter');
	$window->shows(qr/-- welcome \Q$login\E.*\n>/s,
	    'and has a window on it, under the login name');
	$window->keys('C-d');
}

# Commands that fail.
my %bad = (
	'exit 3' => qr/exited with status 3/,
	'/no/such/command' => qr/exited with status 127/,
	'kill -9 $$' => qr/killed by signal 9/,
	'exit 0' => qr/connection lost/,
	'echo hello; echo "!! not you"' => qr/not you/);
for my $command (sort keys %bad) {
	my $chatc = Chatc->start(qw(-n bad -e), "$command 2>/dev/null")->end;
	is($chatc->status, $command =~ /!!/ ? 77 : 69,
	    "'$command' is an error");
	like($chatc->err, qr/\Achatc: [^\n]*(?:$bad{$command})[^\n]*\n\z/,
	    'which one line reports');
}

my $hangs = Chatc->start(env => { CHATC_PATIENCE => 1 }, '--',
    qw(-n hangs -e), "trap '' TERM; echo \$\$ >$dir/pid; cat >/dev/null; " .
    'exec sleep 1000')->end;
is($hangs->status, 69, 'one that hangs is an error');
like($hangs->err, qr/does not answer/, 'which says so');
open my $pid, '<', "$dir/pid" or die;
chomp(my $hanging = <$pid>);
ok(!kill(0, $hanging), 'it does not remain');

# One that dies in the middle, with -R and without.
for my $r (has('nc') ? ([], ['-R']) : ()) {
	my $name = @$r ? 'again' : 'dies';
	my $chatc = Chatc->start(@$r, '-n', $name, '-e',
	    "exec nc $room->{host} $room->{port}");
	$chatc->type("before\n");
	$ear->expect(qr/\tmsg\t$name\tbefore/);
	kill 'KILL', below($chatc->pid);
	if (@$r) {
		$chatc->type("after\n");
		$ear->expect(qr/\tmsg\t$name\tafter/);
		is(scalar below($chatc->pid), 1,
		    'with -R it is started again, and no zombie remains');
		is($chatc->end->status, 0, 'and all is said');
	} else {
		is($chatc->status, 1, 'one that dies is a lost connection');
		like($chatc->err, qr/killed by signal 9$/m,
		    'and reported as killed');
	}
}

$room->stop;
done_testing();
