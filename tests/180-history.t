# Goal: !last and !since show earlier messages unchanged, and say how many of
# them the ring no longer holds.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $room = Room->start('-r', '64k');
my $tess = $room->enter('tess', tsv => 1);
my @all = $tess->{entry}[-1];

sub says {
	my ($line, $wanted) = @_;
	push @all, $tess->say($line)->expect($wanted);
}

# What a newcomer is shown between welcome and own join, by its settings.
my $visit = 0;
sub shown {
	my (%settings) = @_;
	my $name = 'guest' . ++$visit;
	my $guest = $room->enter($name, %settings);
	my @lines = grep { !/^-- welcome|^-\t(?:hello|who)\t/ }
	    @{ $guest->{entry} };
	pop @lines;
	$guest->say('!quit')->rest;
	push @all, $tess->expect(qr/\tleave\t$name\tquit$/);
	return join "\n", @lines;
}

is(shown(), '', 'a client that requests no history gets none');
is(shown(last => 5), '', 'a room in which nothing was said has no history');
says("line $_", qr/\tmsg\ttess\tline $_$/) for 1 .. 6;
says('!me waves', qr/\tme\ttess\twaves$/);
is(shown(last => 3),
    join("\n", '<tess> line 5', '<tess> line 6', '* tess waves'),
    '!last 3 brings the last three messages, an action among them');
is(shown(last => 100),
    join("\n", (map {"<tess> line $_"} 1 .. 6), '* tess waves'),
    '!last of more than there are brings all, and nothing but messages');
is(shown(last => 0), '', '!last 0 brings none');
my @messages = grep { /\tme?s?g?\t/ } @all;
is(shown(last => 4, tsv => 1), join("\n", @messages[-4 .. -1]),
    'in TSV history has the IDs that it had');

my $expected = join "\n", @all;
is(shown(since => 0, tsv => 1), $expected,
    '!since 0 brings every event from the beginning');
my ($id) = $all[7] =~ /^(\d+)/;
$expected = join "\n", @all[8 .. $#all];
is(shown(since => $id, tsv => 1), $expected,
    '!since an ID brings every event after it');
$expected = join "\n", @all[8 .. $#all];
is(shown(since => $id + 0, tsv => 1), $expected,
    'also the joins and leaves in between');
($id) = $all[-1] =~ /^(\d+)/;
is(shown(since => $id), '', '!since the last ID brings nothing');
like(shown(since => '9999999999999999'),
    qr/^-- no message here has a later ID: the last one is \d{16}$/,
    'nor does an ID in the future, and the client is told so');

for my $bad ('!last', '!last x', '!last -1', '!since', '!since x',
    '!since 1x', '!token', '!token xyz') {
	my $guest = $room->connect->say($bad);
	my ($error) = grep { /^!! / } $guest->until_now;
	ok($error, "$bad gets an error");
	$guest->say('!quit')->rest;
}

# Now the ring turns over.
my ($first) = $all[0] =~ /^(\d+)/;
says('x' x 300 . $_, qr/x$_$/) for 1 .. 400;
$expected = @all - 1;	# after the first
my @lines = split /\n/, shown(since => $first, tsv => 1);
my ($lost) = $lines[0] =~ /^-\tlost\t\t(\d+)$/;
ok($lost, 'the number of messages that the ring no longer holds comes first');
is($lost + @lines - 1, $expected, 'lost and shown messages together are all');
# After them came the join and the leave of the one who asked.
my @kept = @all[@all - 2 - $#lines .. @all - 3];
is(join("\n", @lines[1 .. $#lines]), join("\n", @kept),
    'and the shown ones are the last, without a gap');
@lines = split /\n/, shown(last => 100000);
is((grep { !/^<tess> x+\d+$/ } @lines), 0,
    '!last brings what the ring still holds, and no word of loss');
cmp_ok(@lines, '>=', 64, 'which is most of its size');
is($lines[-1], '<tess> ' . 'x' x 300 . '400', 'to the last one');


# The ring is full to the byte, and the newcomer's own join makes it forget
# the oldest, whatever that is.
for my $size (1 .. 8) {
	says('y' x ($size * 40), qr/y$/);
	@lines = split /\n/, shown(last => 100000);
	is((grep { /lost/ } @lines), 0,
	    'nor of what gave way to the asker\'s own join');
}

$room->stop;
done_testing;
