#!/usr/bin/env perl
#
# Goal: links survive a stream that was replaced, an engine that is down, a long
# absence and a long silence: nothing is doubled, nothing is lost that a room's
# ring holds, and the room is told how many lines are lost.

use strict;
use warnings;
use lib 'tests/lib';
use Faults;
use File::Path qw(remove_tree);
use Hosts;
use Test::More;
use Wait;

my $missing = Hosts::missing();
plan skip_all => $missing if $missing;
Room::allows(qr/.*: joined as link.*/, qr/room .*/);
$Wait::LIMIT = 60;
my $hosts = Hosts->start(nodes => 1, hosts => [qw(ha hb)]);
my $ann = $hosts->enter('ha', 'ann');
my $bob = $hosts->enter('hb', 'bob');
my $said = 0;

sub say_lines {
	my ($n) = @_;

	for (1 .. $n) {
		$ann->say('line ' . ++$said);
		$ann->expect(qr/\tmsg\tann\tline $said$/) if $said % 500 == 0;
	}
	$ann->expect(qr/\tmsg\tann\tline $said$/);
}

sub come {
	my ($first, $name) = @_;

	my @numbers = map { /\tmsg\tann\/ha\tline (\d+)$/ ? $1 : () }
	    $bob->expect(qr/\tmsg\tann\/ha\tline $said$/);
	is("@numbers", join(' ', $first .. $said), $name);
}

# How far a link's process in is in the stream.
sub place {
	my ($host) = @_;
	my $link = $hosts->link($host);
	my $known = length $link->log;

	$link->signal('USR2');
	Wait::until_true(sub { substr($link->log, $known) =~ /in: \d+ of.*\n/ });
	return (substr($link->log, $known) =~ /in: (\d+) of the stream/)[0];
}

# ---- the stream was replaced ----

say_lines(100);
come(1, 'lines come');
my $node = $hosts->{node}[0];
$node->kill('KILL');
remove_tree("$hosts->{dir}/js0");
say_lines(100);
$hosts->start_node(0);
$hosts->make_stream;
come(101, 'a stream that was lost is filled again, and nothing is doubled');
$hosts->{node}[0]->kill('KILL');
system("cp -r $hosts->{dir}/js0 $hosts->{dir}/copy") == 0 or die;
$hosts->start_node(0);
say_lines(100);
come(201, 'lines come');
$hosts->{node}[0]->kill('KILL');
remove_tree("$hosts->{dir}/js0");
rename "$hosts->{dir}/copy", "$hosts->{dir}/js0" or die;
$hosts->start_node(0);
say_lines(300);
come(301, 'so it is with an older copy of it, which has grown since');

# ---- the engine is down at the start ----

$_->end for values %{ delete $hosts->{link} };
$hosts->{node}[0]->kill('KILL');
$hosts->{link}{$_} = Hosts::Daemon->start($Hosts::LINK,
    $hosts->link_options($_)) for qw(ha hb);
$hosts->link($_)->expect_log(qr/cannot connect to the engine/) for qw(ha hb);
say_lines(10);
$hosts->start_node(0);
come(601, 'a link that was started before the engine goes on when it comes');

# ---- the link is away for long ----

delete($hosts->{link}{ha})->kill('KILL');
say_lines(20_000);
$hosts->start_link('ha');
come(611, 'a link that was away for 20,000 lines has them all');
delete($hosts->{link}{ha})->kill('KILL');
my $before = $said;
say_lines(60_000);
$hosts->start_link('ha');
my @seen = $bob->expect(qr/\tmsg\tann\/ha\tline $said$/);
my ($lost) = map { /\tmsg\tlink\t(\d+) lines? of ha (?:is|are) lost$/ ? $1 : () } @seen;
my @lines = grep { /\tmsg\tann\/ha\tline/ } @seen;
ok($lost, 'after more than the ring holds, the room is told');
cmp_ok($lost + @lines, '>=', $said - $before, 'how many lines are lost');

# ---- the stream has dropped what the link has not read ----

delete($hosts->{link}{hb})->end;
my ($end) = do {
	$ann->say('dropped');
	$ann->expect(qr/\tmsg\tann\tdropped$/);
} =~ /^(\d+)/;
Wait::until_true(sub {
	$hosts->link('ha')->signal('USR2');
	return $hosts->link('ha')->log =~ /out: the stream has all up to $end/;
}, 0.1) or die "the engine does not store a line\n";
my $last = place('ha');
$hosts->publish('$JS.API.STREAM.PURGE.chat-test', '');
$hosts->start_link('hb');
$bob->sees(qr/\tmsg\tlink\tmessages.* that are gone from the stream: 1$/,
    'a link that was away for longer than the stream keeps lines says so');
is(place('hb'), $last, 'and waits for nothing that is gone');
$ann->say('after it');
$bob->sees(qr{\tmsg\tann/ha\tafter it$}, 'and goes on');

# ---- the room was replaced, by one whose clock is behind ----

SKIP: {
	my $reason = Faults::missing($Room::PROGRAM);
	skip $reason, 2 if $reason;
	my $faults = Faults->new(1);
	$faults->set_clock(-3600);
	$hosts->room('ha')->stop;
	$ann->close;
	local %ENV = (%ENV, $faults->environment);
	$hosts->start_room('ha');
	$ann = $hosts->enter('ha', 'ann');
	$ann->say('an hour ago');
	$bob->sees(qr/\tmsg\tann\/ha\tan hour ago$/,
	    'lines of a new room come, though its IDs are lower');
}

# ---- a host is away, and nobody speaks for long ----

ok(Wait::until_true(sub {
	$bob->say('!msg link who');
	return grep { /\tpriv\tlink>bob\tha, / }
	    $bob->expect(qr/\tpriv\tlink>bob\t/);
}, 0.1), 'the other room has heard who is there');
delete($hosts->{link}{ha})->end;
$bob->sees(qr/\tmsg\tlink\tha is away$/,
    'a link says so after half a minute of silence');
$_->close for $ann, $bob;
$hosts->stop;
done_testing();
