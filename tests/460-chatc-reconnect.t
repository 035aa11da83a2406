#!/usr/bin/env perl
#
# Goal: with chatc -R, whatever breaks between it and the room, or in the
# room, every line of every sender arrives exactly once and in order at every
# listener.
#
# $CHATC_BREAKS disasters (100) strike under traffic in both directions:
# connections are closed, reset and frozen on the way, sessions killed, and
# the server itself, which a supervisor would start again on its port.
# $CHATC_SEED repeats a run.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Proxy;
use Room;
use Test::More;
use Wait;

Room::expects(qr/died of signal 9; recovered/);
Room::allows(qr/\S+ left \(replaced\)/);

my $breaks = $ENV{CHATC_BREAKS} // 100;
my $seed = $ENV{CHATC_SEED} // time;
srand $seed;
note "seed $seed";

my @place = qw(-- 127.0.0.1);
my $room = Room->start(qw(-r 8M), @place, 0);
my $proxy = Proxy->new($room->{host}, $room->{port});
my @how = (env => { CHATC_PATIENCE => 1 }, '--', qw(-R -r));

my @talkers = map { Chatc->in_room($proxy, @how, '-n', "talker$_") } 1 .. 3;
my @listeners = map { Chatc->in_room($proxy, @how, '-d', '-n', "ear$_") }
    1 .. 3;
my $said = 0;

sub all_say {
	for (1 .. 5) {
		$said++;
		$_->type("line $said\n") for @talkers;
	}
}

# Wait until everyone has what each talker said in this line.
sub all_heard {
	my ($n) = @_;

	for my $chatc (@talkers, @listeners) {
		$chatc->expect(qr/\tmsg\ttalker$_\tline $n\n/) for 1 .. 3;
	}
}

# Some client's connection, in use, if only to join.
sub any_pair { return $proxy->busy_pair(rand 300) }

my %disaster = (
	drop => sub { any_pair()->break('drop') },
	reset => sub { any_pair()->break('reset') },
	freeze => sub { any_pair()->freeze },
	session => sub {
		kill 'KILL', Wait::until_true(sub {
			my @sessions = grep { $_->{title} =~ /talker|ear/ }
			    $room->children;
			return @sessions && $sessions[rand @sessions]{pid};
		}, 0.02);
	},
	server => sub {
		any_pair();
		kill 'KILL', $room->pid;
		$room->exit_status;
		$room = Room->start(qw(-r 8M), @place, $room->{port});
	},
	path => sub {
		any_pair();
		$_->break('reset') for $proxy->pairs;
	});

$_->expect(qr/\tjoin\t/) for @talkers, @listeners;
all_say();
all_heard($said);
my %share = (drop => 33, reset => 28, freeze => 4, session => 22,
    server => 9, path => 4);
my @deck = map { ($_) x ($share{$_} * $breaks / 100) } sort keys %share;
my %struck;
for my $n (1 .. @deck) {
	my ($kind) = splice @deck, rand @deck, 1;
	$struck{$kind}++;
	all_say();
	Wait::pump(0) for 1 .. rand 30;
	$disaster{$kind}->();
	# Now and then everyone catches up; else the next disaster strikes at once.
	all_heard($said) if $n % 25 == 0;
}
note join ', ', map {"$_: $struck{$_}"} sort keys %struck;
all_say();
all_heard($said);

for my $chatc (@talkers) {
	is($chatc->end->status, 0,
	    'a talker leaves when all its lines have arrived');
}
for my $chatc (@talkers, @listeners) {
	my (%next, $last);
	my @wrong;
	for (split /\n/, $chatc->out) {
		my ($id, $kind, $name, $text) = split /\t/, $_, 4;
		push @wrong, $_ if $kind eq 'lost';
		next if $id eq '-';
		push @wrong, "$_ after $last" if defined $last && $id <= $last;
		$last = $id;
		next if $kind ne 'msg';
		my $wanted = 'line ' . ++$next{$name};
		push @wrong, "$name: $text, not $wanted" if $text ne $wanted;
	}
	is(join("\n", @wrong[0 .. ($#wrong < 5 ? $#wrong : 5)]), '',
	    'each line was shown once and in order');
	is(join(' ', map {"$_:$next{$_}"} sort keys %next),
	    "talker1:$said talker2:$said talker3:$said", 'and none is missing');
}
$_->signal('TERM') for @listeners;
$room->stop;
done_testing();
