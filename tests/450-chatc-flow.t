#!/usr/bin/env perl
#
# Goal: chatc carries much data at the speed of the slowest party: it loses
# nothing, its memory does not grow, and waiting takes no processor time.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Room;
use Test::More;
use Time::HiRes ();
use Wait;

Room::allows(qr/lazy lapped, lost \d+ events/);

my $room = Room->start;

# KiB of memory in use, where /proc tells.
sub memory {
	my ($chatc) = @_;

	open my $status, '<', '/proc/' . $chatc->pid . '/status' or return 0;
	my ($kib) = do { local $/; <$status> } =~ /^VmRSS:\s+(\d+)/m;
	return $kib;
}

# A big file, ten listeners.
my $n = 30_000;
my @ears = map { Chatc->in_room($room, qw(-d -q -n), "ear$_") } 1 .. 10;
my $ann = $room->enter('ann', tsv => 1);
Wait::until_true(sub { $ann->say('!who')->expect(qr/\twho\t\t\d+\z/) =~
    /\t11\z/ }, 0.05) or die;
my $sender = Chatc->in_room($room, qw(-q -n big));
my $all = join '', map {"<big> $_ of a big file\n"} 1 .. $n;
$sender->type($all =~ s/^<big> //gmr);
$sender->expect(qr/^<big> 1000 of/m);
my $before = memory($sender);
$sender->expect(qr/^<big> $n of/m);
my $after = memory($sender);
is($sender->end->status, 0, 'a big file is published');
$ann->say('that is all');
for (@ears) {
	$_->expect(qr/that is all/);
	ok($_->out eq "$all<ann> that is all\n",
	    'each of ten listeners has every line of it, in order');
}
# A sanitizer keeps for a while what was freed.
cmp_ok($after - $before, '<=', $ENV{SAN} ? 1024 : 256,
    'the sender needs no more memory for it');
$_->signal('TERM') for @ears;

# A client that does not read learns how much it missed, and delays nobody.
$room->stop;
$room = Room->start;
my $lazy = Chatc->in_room($room, qw(-d -r -n lazy));
$lazy->expect(qr/\tjoin\tlazy\t/);
$lazy->{out}{held} = 1;
my $first = Chatc->in_room($room, qw(-q -n first));
$first->type(join '', map {"$_ " . 'x' x 200 . "\n"} 1 .. $n)->end;
is($first->status, 0, 'a listener that does not read delays nobody for long');
$lazy->{out}{held} = 0;
Chatc->run($room, 'the end', qw(-n last));
$lazy->expect(qr/\tthe end\n/);
my ($got, $lost, $last) = (0, 0, 0);
my $order = 1;
for (split /\n/, $lazy->out) {
	my ($id, $kind, $name, $text) = split /\t/, $_, 4;
	$lost += $text if $kind eq 'lost';
	next if $id eq '-';
	$order = 0 if $id <= $last;
	($got, $last) = ($got + 1, $id);
	last if $text eq 'the end';
}
ok($lost > 0, 'it is told that it missed something');
# Its own join, join and leave of the first, join of the last and its line.
is($got + $lost, $n + 5, 'how much, to the line');
ok($order, 'and what it received is in order');

# Waiting costs nothing: for the room, or for whoever reads the output.
sub idles {
	my ($chatc, $name) = @_;

	defined(my $begin = $chatc->cpu_seconds) or return;
	my $end = Time::HiRes::time() + 1;
	Wait::pump(0.2) while Time::HiRes::time() < $end;
	cmp_ok($chatc->cpu_seconds - $begin, '<=', 0.2,
	    "$name costs no processor time");
}

my $waits = Chatc->in_room($room, qw(-n waits));
$waits->type("one\n")->expect(qr/<waits> one/);
my $session = $room->session_of('waits');
kill 'STOP', $session;
$waits->type("two\n" x 100_000);
idles($waits, 'a room that does not answer');
kill 'CONT', $session;
$waits->expect(qr/(?:<waits> two\n){1000}/);
is($waits->end->status, 0, 'and continues when it does');

my $blocked = Chatc->in_room($room, qw(-d -n blocked));
$blocked->expect(qr/blocked joined/);
$blocked->{out}{held} = 1;
$ann = $room->enter('ann');
$ann->say('y' x 1000) for 1 .. 1000;
$ann->until_now;
idles($blocked, 'an output that takes nothing');
$blocked->signal('INT');
ok(Wait::until_true(sub { $blocked->ended }, 0.02),
    'and ^C is noticed all the while');

$room->stop;
done_testing();
