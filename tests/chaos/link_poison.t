#!/usr/bin/env perl
#
# Goal: whatever a hijacked engine puts into the stream, links continue, the
# next valid line arrives, and no client receives a raw control character or a
# line under a name of its own room.
use strict;
use warnings;
use lib 'tests/lib';
use Hosts;
use Test::More;

my $missing = Hosts::missing();
plan skip_all => $missing if $missing;
Room::allows(qr/.*: joined as link.*/, qr/room .*/);
my $hosts = Hosts->start(nodes => 1, hosts => [qw(ha hb)]);
my $bob = $hosts->enter('hb', 'bob');
my $identity = '0123456789abcdef';
my $id = 1_795_000_000_000_000;

sub payload { join '', map {"$_\n"} "$id\troom\t\t$identity", @_ }

my %poison = (
	'nothing' => '',
	'no line' => 'x',
	'no room' => "1\tmsg\tann\thello\n",
	'another identity' => "1\troom\t\tHELLO\n1\tmsg\tann\thello\n",
	'escapes' => payload("$id\tmsg\tann\t\e[2J\e]0;x\a"),
	'bad UTF-8' => payload("$id\tmsg\tann\t\xff\xfe\xc0\x80\xed\xa0\x80"),
	'controls in a name' => payload("$id\tmsg\ta\enn\thello"),
	'no tabs' => payload('hello'),
	'no text' => payload("$id\tmsg\tann"),
	'an ID of 0' => payload("0\tmsg\tann\thello"),
	'an ID of letters' => payload("abc\tmsg\tann\thello"),
	'a long ID' => payload(2 ** 63 . "\tmsg\tann\thello"),
	'a name of 33 bytes' => payload("$id\tmsg\t" . 'x' x 33 . "\thello"),
	'a name with a blank' => payload("$id\tmsg\ta b\thello"),
	'a name with a host' => payload("$id\tmsg\tann/ha\thello"),
	'link' => payload("$id\tmsg\tlink\thello"),
	'a command' => payload("$id\tmsg\tann\t!quit"),
	'a line end' => payload("$id\tmsg\tann\thello\r"),
	'a NUL' => payload("$id\tmsg\tann\ta\0b"),
	'losses' => payload("-\tlost\t\t99999999999999999999", "-\tlost\t\t-1",
	    "-\tlost\t\tmany"),
	'other kinds' => payload("$id\tbye\tann\tquit", "$id\tjoin\tann\t",
	    "-\terr\t\tno", "$id\tpriv\tann>bob\tpsst"),
	'a megabyte' => payload("$id\tmsg\tann\t" . 'x' x 1_000_000),
	'a long text' => payload("$id\tmsg\tann\t" . "\e" x 16384),
	'many lines' => payload(("$id\tmsg\tann\t") x 10_000),
);
my $n = 0;
for my $what (sort keys %poison) {
	$id += 1_000_000;
	$hosts->publish('chat.test.ha', $poison{$what});
	$n++;
	$id += 1_000_000;
	my $epoch = sprintf '%016x', $n;
	$hosts->publish('chat.test.hz',
	    "$id\troom\t\t$epoch\n$id\tmsg\tzoe\tgood $n\n");
	my @seen = $bob->expect(qr/\tmsg\tzoe\/hz\tgood $n$/);
	my @raw = grep { /[\0-\x08\x0a-\x1f\x7f]/ || !utf8::decode(my $copy = $_) } @seen;
	is("@raw", '', "after $what the next line comes, and nothing raw");
	my @forged = grep { /\tmsg\t(?!link\t|[^\t]+\/h[az]\t)/ } @seen;
	is("@forged", '', 'nor under a name of this room');
}
$hosts->publish($_, $poison{escapes}) for 'chat.test.HA', 'chat.test.ha-much-too-long';
$hosts->publish('chat.test.ha.here', $_) for '', "\e\t\e", "-1\tx", "9999999999\tx",
    "1\t" . 'x' x 100_000, "2\tann \e[2J";
$hosts->publish('chat.test.hz', "$id\troom\t\tffffffffffffffff\n" . ($id + 1) . "\tmsg\tzoe\tend\n");
$bob->sees(qr/\tmsg\tzoe\/hz\tend$/, 'and so it is with what is said aside');
is($hosts->link('hb')->log =~ /died of signal/, '', 'no process has died');
$bob->close;
$hosts->stop;
done_testing();
