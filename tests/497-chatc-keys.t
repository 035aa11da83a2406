#!/usr/bin/env perl
#
# Goal: whatever two terminals send at random - keys, half characters, answers
# to questions that nobody asked, pastes, other sizes, stops in between - chatc
# shows and says nothing that was not typed, and in the end takes a line as if
# nothing had happened.
#
# $CHATC_SEED repeats a run, $CHATC_KEYS (600) says how many keys each sends.

use strict;
use warnings;
use lib 'tests/lib';
use Cwd;
use Pty;
use Room;
use Test::More;
use Wait;

plan skip_all => 'pseudo-terminals are made by other means here'
    if !Pty::available();

my $seed = $ENV{CHATC_SEED} // time;
srand $seed;
note "seed $seed";

my $room = Room->start;
my $ann = $room->enter('abba', tsv => 1);
my $program = $ENV{CHATC} // getcwd . '/chatc/chatc';

# What is typed: of this alone may a line consist.  Names are of the same
# letters, because Tab completes them.
my @text = ('a', 'b', 'c', ' ', "\xe6\x97\xa5", "e\xcc\x81", "\xc3\xa9",
    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7", "\xf0\x9f\x87\xae",
    "\xe2\x80\x8d", "\xd9\x85");
my $typed = qr/(?:[abc :!\t]|\xe6\x97\xa5|e|\xcc\x81|\xc3\xa9|
    \xf0\x9f\x91[\xa9\xa7]|\xf0\x9f\x87\xae|\xe2\x80[\x8c\x8d]|\xd9\x85)*/x;
# What has a meaning besides, or none; of the letters and digits in it, none
# is ever typed.
my @meaning = ("\e[A", "\e[B", "\e[C", "\e[D", "\eOC", "\e[H", "\e[F",
    "\e[3~", "\e[1;5D", "\eb", "\ef", "\ed", "\e\x7f", "\x7f", "\b",
    map { chr } 1, 2, 5, 6, 11, 12, 14, 16, 21, 23, 25);
my @none = ("\e]11;rgb:1234/5678/9xyz\a", "\e]0;xyz\e\\", "\e[?62;1;4z",
    "\e[24;80R", "\e[I", "\e[97;5u", "\e[<0;10;20M", "\e[Mxyz", "\e[[D",
    "\eP1\$rxyz\e\\", "\e(B", "\ex", "\eOP", "\xff", "\xe6\x97", "\xf0",
    "\xc2\x9b5n", "\e[5", "\e]xyz", "\e", "\0", "\x1f", "\e[15;2~");

sub any { return $_[rand @_] }

sub some_text { return join '', map { any(@text) } 1 .. 1 + rand $_[0] }

# The next keys of this terminal.
sub keys_of {
	my $dice = rand 100;

	return some_text(5) if $dice < 45;
	return some_text(200) if $dice < 48;
	return any(@meaning) if $dice < 72;
	return "\r" if $dice < 78;
	return "\t" if $dice < 80;
	# Text that is typed after half a sequence belongs to it.
	return any(@none) . any("\x15", "\r", "\x07") if $dice < 94;
	return "\e[200~" . join('', map { any(@text, "\r", "\t", "!a b\r",
	    "\e[A", "\x15", "\x04", "\e]xyz\a") } 1 .. 1 + rand 30) . "\e[201~";
}

# The rows that chatc drew for the line that is typed, without the sequences
# that go around them.
sub drawn {
	my ($bytes) = @_;

	$bytes =~ s/\e(?:[78]|\[\??\d*[A-Za-z])/\r/g;
	$bytes =~ tr/\a//d;
	$bytes =~ s/(?:\r> [^\r\n]*)\K\r(?=[^\r\n>])//g;
	return $bytes =~ /(?:^|[\r\n])> ([^\r\n]*)/g;
}

my %terminal;
for my $name (qw(ab ba)) {
	$terminal{$name} = Pty->start(env => { NO_COLOR => 1 }, '--',
	    $program, '-n', $name, $room->{host}, $room->{port});
	$ann->expect(qr/\tjoin\t$name\t/);
	$terminal{$name}->expect(qr/ here: .*> /s);
}
for my $n (1 .. $ENV{CHATC_KEYS} // 600) {
	for my $name (sort keys %terminal) {
		my $t = $terminal{$name};
		my $stop = rand 100 < 2;

		kill 'STOP', $t->pid if $stop;
		my $keys = keys_of();
		# As the kernel may pass them on: in pieces.
		while ($keys ne '') {
			$t->type(substr $keys, 0, 1 + rand 9, '');
			Wait::pump(0) if rand 4 < 1;
		}
		$t->resize(1 + rand 100, 1 + rand 30) if rand 100 < 3;
		kill 'CONT', $t->pid if $stop;
	}
	$ann->say(any(@text) x rand 300) if $n % 20 == 0;
}

# Enter ends whatever was begun.
my @lines;
for my $name (sort keys %terminal) {
	$terminal{$name}->resize(80, 24)->type("\e[201~\r\x15\e]xyz\rcalm\r");
	push @lines, $ann->expect(qr/\tmsg\t$name\tcalm$/);
	pass("$name takes a line as if nothing had happened");
}
$terminal{$_}->type("\cD") for keys %terminal;
for my $name (sort keys %terminal) {
	my $t = $terminal{$name};
	my @said = map {/\tmsg\t$name\t(?!calm$)(.*)/} @lines;
	my @shown = grep { !/^calm/ } drawn($t->bytes);

	is($t->status, 0, "$name leaves in order");
	unlike($t->bytes, qr/Sanitizer|runtime error/, 'without a mistake');
	cmp_ok(scalar @said, '>', 10, 'much was said');
	is(join("\n", grep { !/\A$typed\z/ } @said), '',
	    'and it is what was typed');
	cmp_ok(scalar @shown, '>', 10, 'much was shown while it was typed');
	is(join("\n", grep { !/\A$typed\z/ } @shown), '', 'and it is that');
}
$room->stop;
done_testing();
