#!/usr/bin/env perl
#
# Goal: the links of two hosts restart together, again and again, killed or in
# order, while people speak there: everybody, there and in a third room, hears
# each line once and in order.
#
# $LINK_RESTARTS (50) is how often.

use strict;
use warnings;
use lib 'tests/lib';
use Hosts;
use Test::More;

my $missing = Hosts::missing();
plan skip_all => $missing if $missing;
Room::allows(qr/.*: joined as link.*/, qr/.*: link\S* left \(killed\)/,
    qr/.*took over.*/);

my $restarts = $ENV{LINK_RESTARTS} // 50;
my $LINES = 20;		# of each, before and while the links are away
my @both = qw(ha hb);
my $hosts = Hosts->start(nodes => 1, hosts => [@both, 'hc']);
my %client = map { $_ => $hosts->enter($_, "on$_") } @both, 'hc';
my %said = map { $_ => 0 } @both;

sub speak {
	for my $host (@both) {
		$client{$host}->say("line " . ++$said{$host}) for 1 .. $LINES;
	}
}

for my $n (1 .. $restarts) {
	speak();
	my @old = delete @{ $hosts->{link} }{@both};
	if ($n % 2) {
		$_->kill('KILL') for @old;
	} else {
		$_->signal('TERM') for @old;
		$_->status for @old;
	}
	speak();
	$hosts->start_links(@both);
}
for my $from (@both) {
	for my $at (grep { $_ ne $from } @both, 'hc') {
		# A line from elsewhere is behind what it waits for: keep them.
		my $heard = $client{$at}{heard} //= [];
		my $last = qr{\tmsg\ton$from/$from\tline $said{$from}$};
		push @$heard, $client{$at}->expect($last)
		    if !grep { $_ =~ $last } @$heard;
		my @numbers = map { m{\tmsg\ton$from/$from\tline (\d+)$} ?
		    $1 : () } @$heard;
		is("@numbers", join(' ', 1 .. $said{$from}),
		    "$at hears each line of $from once");
	}
}
$_->close for values %client;
$hosts->stop;
done_testing();
