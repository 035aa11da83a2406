#!/usr/bin/env perl
#
# Goal: system calls may fail in the server, as they do on a loaded machine,
# and nobody notices: every line arrives once, whole and in order, or is
# counted as lost; refused clients can connect later; the server stops in
# order.
#
# $CHAOS_ROUNDS times (1); $CHAOS_SEED repeats a run.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Faults;
use Room;
use Test::More;

Room::allows(
	qr/cannot fork: .*/,
	qr/cannot accept: .*/,
	qr/refused: the server has no spare process: try again later/,
	qr/a client: refused: the server has no spare descriptor: try again later/,
	qr/cannot start the waker: .*/,
);

my $missing = Faults::missing($Room::PROGRAM);
plan skip_all => $missing if $missing;

my $rounds = $ENV{CHAOS_ROUNDS} // 1;
my $seed = $ENV{CHAOS_SEED} // time;
my ($TALKERS, $GUESTS, $LINES, $ONE_IN) = (6, 8, 300, 8);
my ($room, $faults);

# Join, however often the server refuses.
sub come_in {
	my ($name) = @_;

	for (1 .. 200) {
		my $client = $room->connect->say('!tsv')->say($name);
		my ($found, @lines) = $client->lines_until(
		    qr/\A(?:-\thello\t\Q$name\E\t|(?:!!|-\terr))/);
		if ($found && $lines[-1] =~ /hello/) {
			@$client{qw(name said)} = ($name, 0);
			return $client;
		}
		die "refused: $lines[-1]\n"
		    if $found && $lines[-1] !~ /try again later/;
		$client->close;
	}
	die "the server never lets $name in\n";
}

sub text {
	my ($name, $n) = @_;
	return "$name $n " . join '', map { chr 97 + ($n + $_) % 26 }
	    0 .. $n * 37 % 400;
}

sub talk {
	my ($client, $lines) = @_;

	for (1 .. $lines) {
		$client->say(text($client->{name}, ++$client->{said}));
	}
}

sub go {
	my ($client) = @_;
	@{ $client->{lines} } = $client->say('!quit')->rest;
}

# A client's output: the IDs of events, how many are lost, and what is
# wrong with it.
sub shown {
	my ($client) = @_;
	my (@ids, @wrong, %next);
	my $lost = 0;

	for my $line (@{ $client->{lines} }) {
		my ($id, $kind, $name, $text) = split /\t/, $line, 4;
		$lost += $text if $kind eq 'lost';
		next if $id eq '-';
		push @wrong, "$line after $ids[-1]" if @ids && $id <= $ids[-1];
		push @ids, $id;
		next if $kind ne 'msg';
		my ($n) = $text =~ /\A\S+ (\d+) /;
		push @wrong, "not what was said: $line"
		    if !defined $n || $text ne text($name, $n);
		push @wrong, "out of order: $line"
		    if !$lost && defined $next{$name} && $n != $next{$name};
		$next{$name} = $n + 1;
	}
	push @wrong, 'no goodbye' if $client->{lines}[-1] !~ /\A-\tbye\t/;
	return (\@ids, $lost, @wrong);
}

# The law: received + reported missed = published while it was there.
sub check_law {
	my ($witness, @clients) = @_;
	my ($all, $lost, @wrong) = shown($witness);
	my (%join, %leave, %said);

	push @wrong, 'the witness misses something' if $lost;
	for (@{ $witness->{lines} }) {
		my ($id, $kind, $name, $text) = split /\t/;
		$join{$name} = $id if $kind eq 'join';
		$leave{$name} = $id if $kind eq 'leave';
		$said{$name}++ if $kind eq 'msg';
	}
	for my $client (@clients) {
		my $name = $client->{name};
		my ($ids, $missed, @more) = shown($client);
		push @wrong, map {"$name: $_"} @more;
		push @wrong, "$name said $client->{said}, heard: $said{$name}"
		    if $said{$name} != $client->{said};
		my $published = grep { $_ >= $join{$name} &&
		    $_ < $leave{$name} } @$all;
		push @wrong, "$name: of $published received " . @$ids .
		    ", missed $missed" if @$ids + $missed != $published;
	}
	is(join("\n", @wrong[0 .. ($#wrong < 5 ? $#wrong : 5)]), '',
	    'received and missed are what was published, whole, in order');
	note scalar(@$all), ' events, ', scalar(@clients), ' clients';
}

sub clients_under_faults {
	my $witness = come_in('witness');
	my @talkers = map { come_in("talker$_") } 1 .. $TALKERS;
	my @gone;

	for my $n (1 .. $GUESTS) {
		talk($_, int $LINES / $GUESTS) for @talkers;
		my $guest = come_in("guest$n");
		talk($guest, 5);
		go($guest);
		push @gone, $guest;
	}
	go($_) for @talkers;
	my @heard = $witness->expect(qr/\tleave\ttalker$TALKERS\t/);
	go($witness);
	unshift @{ $witness->{lines} }, @heard;
	check_law($witness, @gone, @talkers);
}

# chatc has faults too.  (Without memory to wait with it says so and ends.)
sub chatc_under_faults {
	my $its = Faults->new($seed);
	$its->rate($ONE_IN);
	$its->spare('ppoll-memory');
	my @how = (env => { $its->environment }, '--', qw(-r -R));
	my $ear = Chatc->in_room($room, @how, qw(-d -n ear));
	$ear->expect(qr/\tjoin\tear\t/);
	my $mouth = Chatc->in_room($room, @how, qw(-n mouth));
	my $said = join '', map { text('mouth', $_) . "\n" } 1 .. $LINES;
	is($mouth->type($said)->end->status, 0,
	    'chatc sends a file though its own calls fail, too');
	$ear->expect(qr/\tmsg\tmouth\tmouth $LINES \w+\n/);
	for my $chatc ($ear, $mouth) {
		is(join('', $chatc->out =~ /\tmsg\tmouth\t(.*\n)/g), $said,
		    'and every line is shown once, in order');
	}
	$ear->signal('TERM');
	note 'chatc: ', $its->figures;
}

# Only if many want the lock does any process wait for it.
sub lock_under_faults {
	my $its = Faults->new($seed);
	local %ENV = (%ENV, $its->environment);
	$its->rate(2);
	$its->spare('fork');
	open my $lock, '-|', 'tests/unit/lock' or die "lock: $!\n";
	my @wrong = grep {!/^ok|^1\.\./} <$lock>;
	ok(close $lock, 'the lock excludes others even if waiting for it fails') or
	    diag(@wrong);
	cmp_ok($its->failed('sem_wait'), '>', 0, 'as it does here');
	note 'lock: ', $its->figures;
}

for my $round (1 .. $rounds) {
	note 'seed ', $seed + $round - 1;
	$faults = Faults->new($seed + $round - 1);
	{
		local %ENV = (%ENV, $faults->environment);
		$room = Room->start('-r', '8M');
	}
	$faults->rate($ONE_IN);
	clients_under_faults();
	chatc_under_faults();
	$room->eventually(sub { !$room->zombies }, 'no zombie remains');
	# As root, the request to clean up fails until it succeeds.
	$faults->rate(2);
	$room->stop;
	$faults->rate(0);
	note $faults->figures;
	my @never = grep { !$faults->failed($_) } qw(read short-read write
	    short-write ppoll);
	is("@never", '', 'reading, writing and waiting have failed');
}
lock_under_faults();
done_testing();
