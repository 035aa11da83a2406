#!/usr/bin/env perl
#
# Goal: a WebSocket peer's data mean the same to chatweb however they are cut
# into pieces on their way, and every character passes.
#
# SEED=n chooses the pieces.

use strict;
use warnings;
use lib 'tests/lib';
use Frames;
use Test::More;
use Wait;
use Web;

my $seed = $ENV{SEED} // 1;
srand $seed;
my $room = Frames::Room->start;
my $web = Web->start($room);

sub in_pieces {
	my ($bytes) = @_;
	my @pieces;

	while (length $bytes) {
		push @pieces, substr $bytes, 0, 1 + rand length $bytes, '';
	}
	return @pieces;
}

# A byte each, except for the bulk of long ones.
sub in_bytes {
	my ($bytes) = @_;
	return (split //, substr $bytes, 0, 300, ''), $bytes;
}

my %cuts = ('in bytes' => \&in_bytes,
    map { ("in pieces ($_)" => \&in_pieces) } 1 .. 5);
for my $cut (sort keys %cuts) {
	subtest "$cut, seed $seed" => sub {
		Frames::run($web, $cuts{$cut}, Frames::cases());
	};
}

# Sends as many messages as all characters need; they must come back the same.
my $client = $web->socket;
my ($sent, $got) = ('', '');
my @codes = grep { $_ != 10 } 0 .. 0xd7ff, 0xe000 .. 0x10ffff;
while (my @some = splice @codes, 0, 4000) {
	my $text = join '', map {chr} @some;
	utf8::encode($text);
	$client->send(Frames::text($text))->flush;
	$sent .= "$text\n";
}
Wait::until_true(sub {
	$got .= "$_->[1]\n" for $client->frames;
	return length $got >= length $sent || $client->{over};
});
ok($got eq $sent, 'every character of Unicode passes');
$web->stop;
done_testing();
