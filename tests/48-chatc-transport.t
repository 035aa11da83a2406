#!/usr/bin/env perl
#
# chatc -e: any program that carries bytes can carry the conversation, and
# one that fails, hangs or dies is an error that says so.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
use Room;
use Test::More;
use Wait;

my $room = Room->start;
my $ear = $room->enter('ear', tsv => 1);
my $dir = File::Temp->newdir;
my @made;

sub has { return grep { -x "$_/$_[0]" } split /:/, $ENV{PATH} }

# The pids of what runs below this process.
sub below {
	my ($pid) = @_;
	return map { $_->{pid} } grep { $_->{parent} == $pid }
	    Room::processes();
}

# Say lines through a command; what the room heard, status and errors.
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
	is($status, 0, 'through nc all is said');
	is_deeply($heard, [qw(one two)], 'and heard');
	is($chatc->err, '', 'without a complaint');
}

# What is said in encrypted form.
SKIP: {
	skip 'no openssl or socat', 3 if !has('openssl') || !has('socat');
	my ($key, $cert) = map {"$dir/$_.pem"} qw(key cert);
	system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 " .
	    "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 " .
	    "-keyout $key -out $cert 2>/dev/null") == 0 or die;
	my $tls = Chatc->start(program => ['socat', '-d', '-d'], '--',
	    "OPENSSL-LISTEN:0,bind=127.0.0.1,cert=$cert,key=$key," .
	    'verify=0,fork,reuseaddr',
	    "TCP:$room->{host}:$room->{port}");
	$tls->expect(qr/listening on AF=2 127\.0\.0\.1:\d+/, 'err');
	my ($port) = $tls->err =~ /127\.0\.0\.1:(\d+)/;
	my @lines = map { ("Q$_", "R$_", 'Q', 'R', 'K', "x $_") } 1 .. 500;
	my $client = 'openssl s_client -quiet -verify_return_error ' .
	    "-connect 127.0.0.1:$port -CAfile";
	my ($status, $heard) = through('tls', "$client $cert 2>$dir/tls",
	    join "\n", @lines);
	is($status, 0, 'through openssl and socat all is said');
	is_deeply($heard, \@lines, 'and heard, whatever the lines look like');
	my $wrong = Chatc->start(qw(-n wrong -e),
	    "$client /dev/null 2>/dev/null");
	is($wrong->end->status, 1, 'a server that cannot prove itself is not ' .
	    'spoken to');
	$tls->signal('TERM');
}

# Through a login on another machine.
SKIP: {
	my ($sshd) = grep { -x } qw(/usr/sbin/sshd /usr/local/sbin/sshd);
	skip 'no sshd, no ssh, no nc, or not root', 4
	    if !$sshd || !has('ssh') || !has('nc') || $> != 0;
	my $ssh = start_sshd($sshd);
	my ($status, $heard, $chatc) = through('ssh',
	    "$ssh nc $room->{host} $room->{port}", "one\ntwo");
	is($status, 0, 'through ssh all is said');
	is_deeply($heard, [qw(one two)], 'and heard');
	my ($gone) = Chatc->start(qw(-n gone -e), "$ssh exit 3")->end;
	is($gone->status, 1, 'a login that fails is an error');
	like($gone->err, qr/exited with status 3$/m, 'which says how');
}

# A real sshd on the loopback; returns the beginning of an ssh command.
sub start_sshd {
	my ($program) = @_;

	# As root it insists on this directory.
	push @made, '/run/sshd' if mkdir '/run/sshd';
	system('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f',
	    "$dir/$_") == 0 or die for qw(host user);
	my $port = do {
		my $free = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
		    Listen => 1, ReuseAddr => 1) or die;
		$free->sockport;
	};
	open my $config, '>', "$dir/sshd_config" or die;
	print $config <<"END";
ListenAddress 127.0.0.1:$port
HostKey $dir/host
AuthorizedKeysFile $dir/user.pub
StrictModes no
PermitRootLogin yes
UsePAM no
PidFile none
END
	close $config;
	my $sshd = Chatc->start(program => [$program, qw(-D -e -f),
	    "$dir/sshd_config"], '--');
	$sshd->expect(qr/listening on 127\.0\.0\.1/, 'err');
	return "ssh -q -i $dir/user -p $port -o BatchMode=yes " .
	    '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ' .
	    '-o GlobalKnownHostsFile=/dev/null -F none 127.0.0.1';
}

# Commands that do not do it.
my %bad = (
	'exit 3' => qr/exited with status 3/,
	'/no/such/command' => qr/exited with status 127/,
	'kill -9 $$' => qr/killed by signal 9/,
	'exit 0' => qr/connection lost/,
	'echo hello; echo "!! not you"' => qr/not you/);
for my $command (sort keys %bad) {
	my $chatc = Chatc->start(qw(-n bad -e), "$command 2>/dev/null")->end;
	is($chatc->status, 1, "'$command' is an error");
	like($chatc->err, qr/\Achatc: [^\n]*(?:$bad{$command})[^\n]*\n\z/,
	    'which one line tells');
}

my $hangs = Chatc->start(env => { CHATC_PATIENCE => 1 }, '--',
    qw(-n hangs -e), "trap '' TERM; echo \$\$ >$dir/pid; cat >/dev/null; " .
    'exec sleep 1000')->end;
is($hangs->status, 1, 'one that hangs is an error');
like($hangs->err, qr/does not answer/, 'which says so');
open my $pid, '<', "$dir/pid" or die;
chomp(my $hanging = <$pid>);
ok(!kill(0, $hanging), 'it is not left behind');

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
		    'with -R it is started again, and no zombie stays');
		is($chatc->end->status, 0, 'and all is said');
	} else {
		is($chatc->status, 1, 'one that dies is a lost connection');
		like($chatc->err, qr/killed by signal 9$/m,
		    'and said to have been killed');
	}
}

rmdir for @made;
$room->stop;
done_testing();
