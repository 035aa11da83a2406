#!/usr/bin/env perl
#
# Goal: CHATHISTORY returns earlier messages in each of its forms, also more
# than the server sends at once or the ring still holds; a client that does
# not know it is sent some when it joins.

use strict;
use warnings;
use lib 'tests/lib';
use IRC;
use Room;
use Test::More;

my $room = Room->start('-N', 'irc.example', '-i', 3, '-r', '64k');
my $caps = 'server-time message-tags batch draft/chathistory';
my $carol = $room->enter('carol', tsv => 1);
my @id;
for my $n (1 .. 30) {
	push @id, $carol->say("text $n")->expect(qr/\tmsg\tcarol\ttext $n$/)
	    =~ /^(\d+)/;
}

my $alice = IRC->enter($room, 'alice', caps => $caps);
my $batches = 0;

# The numbers of the texts that come for this question.
sub past {
	my ($question) = @_;

	$alice->say("CHATHISTORY $question");
	$batches++;
	my @lines = $alice->expect(qr/ BATCH -$batches$/);
	shift @lines while @lines && $lines[0] !~ / BATCH \+$batches chathistory #chat$/;
	my @texts = map {/^\@batch=$batches;.*:text (\d+)$/ ? $1 : "?$_"}
	    @lines[1 .. $#lines - 1];
	return join ' ', @texts;
}

sub stamp {
	my ($id) = @_;
	my @t = gmtime $id / 1000000;
	return sprintf 'timestamp=%04d-%02d-%02dT%02d:%02d:%02d.%03dZ',
	    $t[5] + 1900, $t[4] + 1, @t[3, 2, 1, 0], $id / 1000 % 1000;
}

is(past('LATEST #chat * 5'), '26 27 28 29 30', 'the latest five');
is(past("LATEST #chat msgid=$id[27] 5"), '29 30', 'the latest after one');
is(past("AFTER #chat msgid=$id[9] 3"), '11 12 13', 'three after one');
is(past("BEFORE #chat msgid=$id[9] 3"), '7 8 9', 'three before one');
is(past("AROUND #chat msgid=$id[9] 4"), '8 9 10 11', 'four around one');
is(past("BETWEEN #chat msgid=$id[9] msgid=$id[13] 10"), '11 12 13',
    'those between two');
is(past("BETWEEN #chat msgid=$id[13] msgid=$id[9] 10"), '11 12 13',
    'in either order');
is(past("BETWEEN #chat msgid=$id[9] msgid=$id[19] 3"), '11 12 13',
    'the first of them from one that is earlier');
is(past("BETWEEN #chat msgid=$id[19] msgid=$id[9] 3"), '17 18 19',
    'and the last from one that is later');
is(past("AFTER #chat msgid=$id[29] 5"), '', 'nothing is after the last');
is(past('BEFORE #chat ' . stamp($id[0] - 1000) . ' 5'), '',
    'nothing is before the first');
like(past('AFTER #chat ' . stamp($id[0] - 1000) . ' 2'), qr/^1 2$/,
    'times are valid places too');

# A time is all of its millisecond, in which other messages may be as well.
my $ms = sub { int $_[0] / 1000 };
my @before = grep { $ms->($id[$_ - 1]) < $ms->($id[9]) } 1 .. 30;
my @after = grep { $ms->($id[$_ - 1]) > $ms->($id[9]) } 1 .. 30;
is(past('AFTER #chat ' . stamp($id[9]) . ' 30'), "@after",
    'after a time is after its millisecond');
is(past('BEFORE #chat ' . stamp($id[9]) . ' 30'), "@before",
    'and before is before it');
is(past('LATEST #chat ' . stamp($id[9]) . ' 30'), "@after", 'the latest too');
like(past('AROUND #chat ' . stamp($id[9]) . ' 30'), qr/\b10\b/,
    'and around is with it');

for (['LATEST #chat *', 'INVALID_PARAMS LATEST'], ['LATEST #chat x 5',
    'INVALID_PARAMS LATEST'], ['NEXT #chat * 5', 'UNKNOWN_COMMAND NEXT'],
    ['BETWEEN #chat msgid=1 5', 'INVALID_PARAMS BETWEEN'],
    ['LATEST carol * 5', 'INVALID_TARGET LATEST carol'],
    ['TARGETS * * 5', 'INVALID_PARAMS TARGETS']) {
	my ($question, $code) = @$_;
	$alice->say("CHATHISTORY $question");
	$alice->sees(qr/ FAIL CHATHISTORY $code :/, "refused: $question");
}
$alice->say('PART #chat')->say('CHATHISTORY LATEST #chat * 5');
$alice->sees(qr/ FAIL CHATHISTORY INVALID_TARGET LATEST #chat :/,
    'refused outside the channel');
$alice->say('JOIN #chat')->expect(qr/ 366 /);

# Where something was said, for clients that look for it.
sub targets {
	my ($from, $to) = @_;

	$alice->say("CHATHISTORY TARGETS $from $to 10");
	$batches++;
	my @lines = $alice->expect(qr/ BATCH -$batches$/);
	like($lines[0], qr/ BATCH \+$batches draft\/chathistory-targets$/,
	    'TARGETS is answered by a batch');
	my $n = $batches;
	return join '|', map {/^\@batch=$n :irc\.example CHATHISTORY (.*)/}
	    @lines;
}

my $early = stamp($id[0] - 1000);
my $last = stamp($id[29]);
is(targets($early, stamp($id[29] + 1000)),
    'TARGETS #chat ' . ($last =~ s/.*=//r), 'with the channel and the time');
is(targets(stamp($id[29] + 1000), $early),
    'TARGETS #chat ' . ($last =~ s/.*=//r), 'in either order');
is(targets($early, $last), '', 'but not for a time before the last message');

# A client that knows nothing of it gets the last three after its JOIN.
my $old = IRC->enter($room, 'old');
my @lines = $old->until_now;
is(join(' ', map {/PRIVMSG #chat :text (\d+)$/} @lines), '28 29 30',
    '-i shows the last messages to others');

# A text of several lines is of the batch in all of its parts.
my $long = 'z' x 1000 . ' end';
$carol->say($long)->expect(qr/\tmsg\tcarol\tz+ end$/);
$alice->until_now;
$alice->say('CHATHISTORY LATEST #chat * 1');
$batches++;
my @parts = grep {/PRIVMSG/} $alice->expect(qr/ BATCH -$batches$/);
cmp_ok(@parts, '>', 1, 'a long text arrives in parts');
is((grep {!/^\@batch=$batches;time=/} @parts), 0,
    'of which each belongs to the batch, and has its time');
is((grep {/msgid=/} @parts), 1, 'and one the ID');

# More than the buffer holds at once, to a client that reads late; and more
# than the ring does.
$carol->say('y' x 400) for 1 .. 600;
($last) = $carol->say('the last')->expect(qr/\tthe last$/) =~ /^(\d+)/;
my $join;
$alice->until_now;
$alice->say('CHATHISTORY LATEST #chat * 1000');
$batches++;
@lines = $alice->expect(qr/ BATCH -$batches$/);
my @texts = grep {/PRIVMSG #chat/} @lines;
ok(@texts > 50, 'what the ring still holds comes') or diag(scalar @texts);
like($texts[-1], qr/:the last$/, 'to its end');

# What was said is there after a crash of the server, too.
my $port = $room->port;
kill 'KILL', $room->pid;
$alice->sees('ERROR :Closing link (server stopping)',
    'when the server is killed, IRC clients are told');
$_->rest for $carol, $old;
$room->exit_status;
$room = Room->start('-N', 'irc.example', '-i', 3, '-r', '64k', '--',
    '127.0.0.1', $port);
$alice = IRC->enter($room, 'alice', caps => $caps);
$alice->say("CHATHISTORY AFTER #chat msgid=$last 5");
is((grep {/PRIVMSG/} $alice->expect(qr/ BATCH -1$/)), 0,
    'the next server knows the last ID of the one before');
$alice->say("CHATHISTORY LATEST #chat * 1");
($join) = grep {/PRIVMSG/} $alice->expect(qr/ BATCH -2$/);
like($join, qr/^\@batch=2;.*msgid=$last :carol!\S+ PRIVMSG #chat :the last$/,
    'and what was said');
$old = IRC->enter($room, 'old');
is(() = grep({/PRIVMSG #chat/} $old->until_now), 3,
    'and shows it at the entry');

$room->stop;
done_testing();
