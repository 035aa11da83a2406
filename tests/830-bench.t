#!/usr/bin/env perl
#
# Goal: the load generators count right, with a server that loses nothing and
# with one that loses a message; the table compares right; and instructions are
# counted.  Tests do not judge how fast anything is.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp qw(tempfile);
use IO::Select;
use IO::Socket::INET;
use Room;
use Test::More;
use Web;

plan skip_all => 'the load generators are for Linux' if $^O ne 'linux';

# Its exit status, and the lines of figures that it prints, as hashes.
sub fanout {
	my (@options) = @_;
	my @lines;

	open my $fh, '-|', 'tests/bench/fanout', @options, '-T', 0.3
	    or die "fanout: $!\n";
	while (<$fh>) {
		chomp;
		push @lines, { split /\t/ };
	}
	close $fh;
	return ($? >> 8, @lines);
}

# The errors that a line of figures counts.
sub flaws {
	my ($line) = @_;
	return join ' ', map { "$_ $line->{$_}" }
	    grep { $line->{$_} != 0 } qw(lost torn odd);
}

my $room = Room->start;
my ($status, @lines) = fanout('-P', $room->port, '-S', $room->pid, '-n', 7,
    '-s', 2, '-m', 'all,fixed:5,echo');
is($status, 0, 'a load of two senders and seven listeners runs');
is(join(' ', map { "$_->{mode} $_->{w}" } @lines),
    'all 64 fixed 5 echo 64', 'in each mode requested');
is(join(',', map { flaws($_) } @lines), ',,', 'and nothing is lost');
is(scalar(grep { $_->{sent} > 0 && $_->{rate} > 0 && $_->{server_us} > 0 }
    @lines), 3, 'although messages are sent');
# In the same room, for a load ends when the server has let all of it go.
($status, @lines) = fanout('-P', $room->port, '-n', 7, '-m', 'late');
ok($status == 0 && $lines[0]{sent} > 0 && flaws($lines[0]) eq '',
    'a sender can wait for the last listener, too');
# Through chatweb, the generator takes frames apart.
my $web = Web->start($room);
($status, @lines) = fanout('-p', 'web', '-P', $web->port, '-n', 7, '-m',
    'all,fixed');
is(join(' ', $status, map { $_->{sent} > 0 && flaws($_) } @lines), '0  ',
    'browsers receive all that one of them says');
$web->stop;
$room->stop;

# A server that relays lines like ncat --broker, but does not send the 50th
# line to the client that connected last.
sub forgetful {
	my ($listener) = @_;
	my $all = IO::Select->new($listener);
	my (@clients, %carry, $lines);

	while (my @ready = $all->can_read) {
		for my $c (@ready) {
			if ($c == $listener) {
				push @clients, scalar $listener->accept;
				$all->add($clients[-1]);
				next;
			}
			$carry{$c} //= '';
			sysread $c, $carry{$c}, 65536, length $carry{$c}
			    or exit 0;
			$carry{$c} =~ s/\A(.*\n)//s or next;
			for my $line (split /(?<=\n)/, $1) {
				$lines++ if $line =~ /^=/;
				my @to = grep { $_ != $c } @clients;
				pop @to if ($lines // 0) == 50 &&
				    $line =~ /^=/;
				syswrite $_, $line for @to;
			}
		}
	}
}

my $listener = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1') or
    die "socket: $!\n";
defined(my $pid = fork) or die "fork: $!\n";
if ($pid == 0) {
	forgetful($listener);
	POSIX::_exit(0);
}
($status, @lines) = fanout('-p', 'raw', '-P', $listener->sockport, '-n', 3,
    '-m', 'fixed,all');
is($status, 1, 'a load that loses a message fails');
is(flaws($lines[0]), 'lost 1 odd 1', 'and reports that one listener lost one');
is(scalar @lines, 1, 'and measures no other mode after it');
kill 'KILL', $pid;
waitpid $pid, 0;

my $table;

# A page takes three times the memory of a TCP client.
my ($fh, $results) = tempfile(UNLINK => 1);
print {$fh} map {"browser-memory\t$_->[0]\t1\tn\t9\town\t1\tall\t$_->[1]\n"}
    ['chat', 100], ['web', 300];
close $fh;
like(`tests/bench/table $results`, qr/^ +9 +300 .*TCP clients +3\.00 /m,
    'a room with browsers is compared with one of TCP clients');

# Made-up links: 2 ms later than at home, 4 times that for the slowest, and
# more memory than the goal.
($fh, $results) = tempfile(UNLINK => 1);
print {$fh} map { join("\t", @$_) . "\n" }
    [qw(link chat 1 n 3 p50 2.5 p99 10 local50 0.5 local99 1 others 0)],
    [qw(link-file chat 1 n 3 rate 60000 memory 15 others 0)],
    [qw(link-outage chat 1 n 3 whose leader signal KILL before99 1 during99 1
    gap 7 healed 0 others 0)];
close $fh;
$table = `tests/bench/table $results link`;
like($table, qr/ 3 +2\.00 .*<= 3 ms .*met\n/, 'a link is compared with home');
like($table, qr/ 3 +4\.00 .*<= 3 times .*missed by 33 %\n/, 'and with itself');
like($table, qr/60\.0 .*met\n(?s:.*)15\.0 .*missed by 25 %\n/,
    'a file and the memory with their goals');
like($table, qr/longest way.*KILL\n.*\n +3 +7\.00 .*<= 10 s +met\n/,
    'and the time without a leader');

# Made-up costs, from which it follows who is at the end first: each of ten
# hosts publishes ten lines a second, and a process in gets a hundred of them,
# of 100 microseconds each.
($fh, $results) = tempfile(UNLINK => 1);
print {$fh} map { join("\t", @$_) . "\n" }
    [qw(fanout chat 1 n 1000 mode all w 64 rate 1000000)],
    [qw(link chat 1 n 3 p50 1 p99 1 local50 1 local99 1)],
    [qw(link-parts chat 1 n 3 part out message 100 line 10)],
    [qw(link-parts chat 1 n 3 part in message 100 line 10)],
    [qw(link-parts chat 1 n 3 part engine message 100 line 10)],
    [qw(link-parts chat 1 n 3 part consumer bytes 100 message 10)],
    [qw(link-parts chat 1 n 3 part consumer bytes 60000 message 10)];
close $fh;
my $scale = `tests/bench/link-scale -h 10 -c 100 -p 1 $results`;
# A way of no time: each line is a message.
like($scale, qr/^ +0\.100 +100 +1\.00 +0\.2% +1\.0% +1\.0% +0\.6% +0\.36$/m,
    'what links, rooms and engine carry is computed');
like($scale, qr/^in +10\.0000 lines\/s, +10000 in all$/m,
    'and where they are at their end');
like(`tests/bench/link-scale -h 10 -c 100 -p 1 -m 2 $results`,
    qr/ 1\.0% +0\.3% +1\.3% /, 'with mirrors, too');

my ($computed) = `tests/bench/link-scale` =~ /^( +of one.*?)\n\n/ms;
my $manual = do { local (@ARGV, $/) = 'contrib/chatlink/chatlink.8'; <> };
ok(defined $computed && index($manual, $computed) >= 0,
    'the manual has what is computed of the results');

# One round alone may differ by more than it counts, on a busy machine.
my ($count) = `tests/bench/instructions -d tsv -n 100 -r 3` =~
    /\ttsv\t([\d.]+)$/;
# A sanitizer has instructions of its own.
ok($count && $count > 50 && $count < ($ENV{SAN} ? 10_000 : 1_000),
    'the instructions of a delivery are counted') or diag($count);

# Made-up rounds: chatserv is twice, three and four times as fast as redis, as
# fast as the broker, and much slower than a server that lost a message.
($fh, $results) = tempfile(UNLINK => 1);
for my $round (1 .. 3) {
	my %rate = (chat => 12e6, redis => 12e6 / ($round + 1),
	    broker => 12e6, smallchat => 99e6);
	for my $server (sort keys %rate) {
		print {$fh} join("\t", 'fanout', $server, $round, 'n', 100,
		    's', 1, 'mode', 'fixed', 'w', 64, 'rate', $rate{$server},
		    'lost', $server eq 'smallchat' ? 5 : 0), "\n";
	}
}
close $fh;
$table = `tests/bench/table $results`;
like($table, qr/ncat --broker +1\.00 +1\.00\.\.1\.00 +missed by 50 %/,
    'a goal is compared with the best server that lost nothing');
like($table, qr/redis 3\.00/, 'the table has the other servers too');
like($table, qr/^0 goals met, 1 missed/m, 'and the sum');
is(`tests/bench/table -r $results`,
    "fanout 100 fixed 64 broker 1 1 1\nfanout 100 fixed 64 redis 3 2 4\n",
    'a ratio is the median of the rounds, with the lowest and the highest');

done_testing();
