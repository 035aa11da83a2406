#!/usr/bin/env perl
#
# Goal: in three rooms on three hosts with three nodes of the engine somebody
# speaks, while nodes, rooms, links and the processes of links are killed or
# stopped at random.  In the end each room has shown every line once, the lines
# of its own host in order, and those of all others in the order of the stream,
# which a fourth, undisturbed room shows.
#
# There are $LINK_KILLS (60) of these; $LINK_SEED repeats a run as far as the
# machine allows.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Hosts;
use Test::More;
use Time::HiRes qw(time);

my $missing = Hosts::missing();
plan skip_all => $missing if $missing;
Room::allows(qr/.*/);

my $kills = $ENV{LINK_KILLS} // 60;
my $seed = $ENV{LINK_SEED} // time;
my @names = qw(ha hb hc);
my $LINES = 40;		# of each speaker, between two kills
my (%ear, %mouth, %said);
srand $seed;
note "seed $seed";
$Wait::LIMIT = 120;

my $hosts = Hosts->start(nodes => 3, hosts => [@names, 'hd']);

sub chatc {
	my ($host, @options) = @_;
	return Chatc->start('-u', $hosts->path($host), @options);
}

for my $host (@names, 'hd') {
	$ear{$host} = chatc($host, qw(-R -r -d -n ear));
	$ear{$host}->expect(qr/\tjoin\tear\t/);
	next if $host eq 'hd';
	$mouth{$host} = chatc($host, qw(-R -n mouth));
	$mouth{$host}->expect(qr/mouth joined/);
}

sub speak {
	for my $host (@names) {
		$mouth{$host}->type(join '', map { "$host " .
		    ++$said{$host} . "\n" } 1 .. $LINES);
	}
}

# Stops it for a moment, in which the others continue.
sub stop_for {
	my ($process, $seconds) = @_;

	kill STOP => $process->pid;
	my $end = time + $seconds;
	Wait::pump($end - time) while time < $end;
	kill CONT => $process->pid;
}

my %disturb = (
	'a node is killed' => sub {
		my $n = int rand 3;
		$hosts->{node}[$n]->kill('KILL');
		$hosts->start_node($n);
	},
	'a node is stopped' => sub {
		stop_for($hosts->{node}[rand 3], rand 1);
	},
	'in is killed' => sub { $hosts->kill_worker($names[rand 3], 'in') },
	'out is killed' => sub { $hosts->kill_worker($names[rand 3], 'out') },
	'a link is killed' => sub {
		my $host = $names[rand 3];
		$hosts->link($host)->kill('KILL');
		$hosts->start_link($host);
	},
	'a link is stopped' => sub {
		my ($process) = grep { $_->{title} =~
		    /(?:in|out) of $names[rand 3]/ } Room::processes();
		stop_for(bless({ pid => $process->{pid} }, 'Hosts::Daemon'),
		    rand 1) if $process;
	},
	'a room is killed' => sub { $hosts->kill_room($names[rand 3]) },
);

my %count;
for my $n (1 .. $kills) {
	my @kinds = sort keys %disturb;
	my $kind = $kinds[rand @kinds];
	speak();
	$disturb{$kind}->();
	$count{$kind}++;
}
speak();
my $begin = time;
note join ', ', map {"$_: $count{$_}"} sort keys %count;

# What an ear has heard of the mouths: "HOST NUMBER" in order.
sub heard {
	my ($host) = @_;
	return $ear{$host}->out =~ /\tmsg\tmouth(?:\/h[abc])?\t(h[abc] \d+)\n/g;
}

my $all = 0;
$all += $said{$_} for @names;
for my $host (@names, 'hd') {
	Wait::until_true(sub {
		my %seen = map { $_ => 1 } heard($host);
		return $all == keys %seen;
	}, 1);
}
note sprintf "settled after %.1f s; %d lines, %d rooms", time - $begin, $all,
    scalar keys %ear;
my @stream = heard('hd');
for my $host (@names, 'hd') {
	my @heard = heard($host);
	my (%seen, %next, $doubled, $reordered);
	for (@heard) {
		my ($from, $number) = split;
		$doubled++ if $seen{$_}++;
		$reordered++ if $number != ($next{$from} // 1);
		$next{$from} = $number + 1;
	}
	is(keys %seen, $all, "$host: nothing is lost");
	is($doubled // 0, 0, 'nor doubled');
	is($reordered // 0, 0, 'nor reordered');
	my @remote = grep { !/^$host / } @heard;
	my @expected = grep { !/^$host / } @stream;
	is("@remote", "@expected", 'and all is in the order of the stream')
	    if $host ne 'hd';
}
$_->signal('TERM') for values %ear, values %mouth;
$_->ended for values %ear, values %mouth;
$hosts->stop;
done_testing();
