#!/usr/bin/env perl
#
# Goal: what measures has to count right: that nothing is lost where nothing
# is, and that something is where it is; and a table has to compare right.
# How fast anything is, is no matter of tests.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp qw(tempfile);
use IO::Select;
use IO::Socket::INET;
use Room;
use Test::More;

plan skip_all => 'the load generators are for Linux' if $^O ne 'linux';

# The lines of figures that it prints, as hashes, and its exit status.
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

# What was not perfect in a line of figures.
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
    'all 64 fixed 5 echo 64', 'in each mode that was asked for');
is(join(',', map { flaws($_) } @lines), ',,', 'and nothing is lost');
is(scalar(grep { $_->{sent} > 0 && $_->{rate} > 0 && $_->{server_us} > 0 }
    @lines), 3, 'though much is said');
# In the same room, for a load ends when the server has let all of it go.
($status, @lines) = fanout('-P', $room->port, '-n', 7, '-m', 'late');
ok($status == 0 && $lines[0]{sent} > 0 && flaws($lines[0]) eq '',
    'a sender can wait for the last who came, too');
$room->stop;

# A server of lines, as ncat --broker is, that keeps the 50th of its sender
# from the last who came.
sub forgetful {
	my ($door) = @_;
	my $all = IO::Select->new($door);
	my (@clients, %carry, $lines);

	while (my @ready = $all->can_read) {
		for my $c (@ready) {
			if ($c == $door) {
				push @clients, scalar $door->accept;
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

my $door = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1') or
    die "socket: $!\n";
defined(my $pid = fork) or die "fork: $!\n";
if ($pid == 0) {
	forgetful($door);
	POSIX::_exit(0);
}
($status, @lines) = fanout('-p', 'raw', '-P', $door->sockport, '-n', 3,
    '-m', 'fixed,all');
is($status, 1, 'a load where one message is lost fails');
is(flaws($lines[0]), 'lost 1 odd 1', 'for one is lost, by one listener');
is(scalar @lines, 1, 'and nothing else is measured after it');
kill 'KILL', $pid;
waitpid $pid, 0;

# Made-up rounds: we are twice, three and four times as fast as redis, as
# fast as the broker, and much slower than one who lost something.
my ($fh, $results) = tempfile(UNLINK => 1);
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
my $table = `tests/bench/table $results`;
like($table, qr/ncat --broker +1\.00 +1\.00\.\.1\.00 +missed by 50 %/,
    'an aim is held against the best of those that lost nothing');
like($table, qr/redis 3\.00/, 'the others are told, too');
like($table, qr/^0 aims met, 1 missed/m, 'and the sum');
is(`tests/bench/table -r $results`,
    "fanout 100 fixed 64 broker 1 1 1\nfanout 100 fixed 64 redis 3 2 4\n",
    'a ratio is the median of the rounds, with the lowest and the highest');

done_testing();
