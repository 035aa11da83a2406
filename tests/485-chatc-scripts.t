#!/usr/bin/env perl
#
# Goal: chatc serves scripts: a message as an argument, names that number
# themselves, waiting for a message without a race, lines that every language
# can split, and likely explanations of mistakes.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
use IO::Socket::INET;
use JSON::PP;
use Room;
use Test::More;
use Wait;

my $dir = File::Temp->newdir;
my $room = Room->start('-u', "$dir/sock", qw(-m 300 -M 300));
my $ann = $room->enter('ann', tsv => 1);
my ($status, $out, $err);
my $login = getpwuid $<;

sub chatc {
	my (@argv) = @_;
	return Chatc->run($room, undef, in => '/dev/null', '--', @argv);
}

# Messages from this name up to a mark.
sub said {
	my ($name) = @_;

	$ann->say('mark');
	return map { /\A\d+\tmsg\t\Q$name\E\t(.*)/ ? $1 : () }
	    $ann->expect(qr/\tmsg\tann\tmark\z/);
}

# A message on the command line, from outside the room.
$ann->until_now;
($status, $out, $err) = chatc(qw(-n cron -M), 'backup done');
is("$status$out$err", '0', 'a message is published in silence');
$ann->next_is(qr/\tmsg\tcron\*\tbackup done\z/, 'as the one line in the room');
$ann->say('next');
$ann->next_is(qr/\tmsg\tann\tnext\z/, 'and nobody joins or leaves');
($status) = chatc(qw(-n cron -M), "one\n\n!quit\ntwo\n");
is_deeply([$status, said('cron*')], [0, 'one', '!quit', 'two'],
    'several lines become several messages, all text');
my $long = '!' x 10_000;
($status) = chatc(qw(-n cron -M), $long);
is(join('', said('cron*')), $long, 'a long one is split like input');
($status, $out, $err) = chatc(qw(-n cron -M), '');
is($status, 2, 'an empty one, as of a variable that is not set, is a mistake');
($status, $out, $err) = chatc(qw(-n ann -M), 'not lost');
is_deeply([$status, said('ann*')], [0, 'not lost'],
    'a name in use costs no message');
my $by_login = Chatc->start('-u', "$dir/sock", '-M', 'by login');
is_deeply([$by_login->status, said("$login*")], [0, 'by login'],
    'on a unix socket the login name is shown');
my $answer = Chatc->in_room($room, qw(-q -n porter -C 1 -w 300 -M), 'the key?');
$ann->expect(qr/\tmsg\tporter\tthe key\?/);
$ann->say('here');
is($answer->status, 0, 'a message can wait for its answer, in the room');
is($answer->out, "<porter> the key?\n<ann> here\n", 'and then shows both');
$ann->expect(qr/\tleave\tporter/);

# A server that lacks it.
{
	my $listener = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die;
	my $old = Chatc->start(qw(-n cron -M hello 127.0.0.1),
	    $listener->sockport);
	my $server = $listener->accept;
	syswrite $server, "-- who?\n";
	while (<$server>) { last if /^!outside cron$/ }
	syswrite $server, "-\tinfo\t\ttsv\n-\terr\t\tno such command before " .
	    "the name; !help lists them\n";
	is(scalar <$server>, "cron\n", 'in an older room it joins');
	syswrite $server, "-\thello\tcron\t" . '0' x 32 . "\n-\twho\t\t1\n" .
	    "1700000000000000\tjoin\tcron\tx\n";
	is(scalar <$server>, "hello\n", 'and publishes the message there');
	syswrite $server, "1700000000000001\tmsg\tcron\thello\n";
	is(scalar <$server>, "!quit\n", 'and leaves');
	syswrite $server, "-\tbye\tcron\tquit\n";
	close $server;
	is($old->status, 0, 'which is a success, too');
}

# A connection that is lost before the echo: what is said from outside is seen
# nowhere again, so it is said again, and that is told.
{
	my $listener = IO::Socket::INET->new(Listen => 2,
	    LocalAddr => '127.0.0.1') or die;
	my $again = Chatc->start(qw(-R -n cron -M hello 127.0.0.1),
	    $listener->sockport);
	for my $time (1, 2) {
		my $server = $listener->accept;
		syswrite $server, "-- who?\n";
		while (<$server>) { last if /^!outside cron$/ }
		syswrite $server, "-\tinfo\t\ttsv\n-\thello\tcron*\t" .
		    '0' x 32 . "\n-\twho\t\t0\n";
		if ($time == 2) {
			is(scalar <$server>, "!me\n", 'back, it asks first');
			syswrite $server, "-\terr\t\t!me needs a text\n";
		}
		is(scalar <$server>, "hello\n", "it is published ($time)");
		next if $time == 1;
		syswrite $server, "1700000000000001\tmsg\tcron*\thello\n";
		is(scalar <$server>, "!quit\n", 'until the echo arrives');
		syswrite $server, "-\tbye\tcron*\tquit\n";
	}
	is($again->status, 0, 'then all is well');
	like($again->err, qr/cannot tell whether 1 line arrived: sent again$/m,
	    'and standard error says that it may have been published twice');
}

# Names that number themselves.
sub speaks {
	my ($line, @argv) = @_;
	return Chatc->run($room, "$line\n", @argv);
}
($status, $out, $err) = speaks('I', qw(-n ann));
is($status, 73, 'a name in use is reported');
($status, $out, $err) = speaks('I too', qw(-N -n ann));
is($status, 0, 'with -N a taken name gets a number');
is_deeply([said('ann2')], ['I too'], 'which is the next');
like($err, qr/\Achatc: the name ann is taken: in the room as ann2\n\z/,
    'and standard error says so');
my $two = $room->enter('Ann2');
($status, $out, $err) = speaks('and I', qw(-N -n ANN));
is_deeply([$status, said('ANN3')], [0, 'and I'],
    'letters in either case are one name');
my $first = $room->enter('x' x 31);
($status, $out, $err) = speaks('long', qw(-N -n), 'x' x 31);
is_deeply([$status, said('x' x 28 . '2')], [0, 'long'],
    'a long name is cut for it');
my @same = map { Chatc->in_room($room, qw(-N -q -n same))
    ->type("line $_\n")->end } 1 .. 30;
is(join(' ', grep { $_ } map { $_->status } @same), '',
    'thirty at once under one name all join');
is(scalar(() = join("\n", $ann->until_now) =~ /\tmsg\tsame\d*\tline/g), 30,
    'and all are heard');
# Where others are always quicker, it does not ask for the next number, for
# which they ask too.
{
	my $listener = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die;
	my $unlucky = Chatc->start(qw(-N -d -n x 127.0.0.1),
	    $listener->sockport);
	my $server = $listener->accept;
	my @asked;
	syswrite $server, "-- who?\n";
	while (<$server>) {
		next if !/^x/ && !/^!who/;
		syswrite $server, /^!who/ ? "-\twho\t\t0\n" : (@asked ? '' :
		    "-\tinfo\t\ttsv\n") . '-' . "\terr\t\tthe name " .
		    s/\n//r . " is taken: choose another\n";
		push @asked, $_ if /^x/;
	}
	is($unlucky->status, 73, 'a name is asked for five times at most');
	is(scalar @asked, 5, 'and not less often');
	isnt(join('', @asked[2 .. 4]), "x2\n" x 3,
	    'each time with a number further on');
}
my $own = $room->enter($login);
($status, $out, $err) = speaks('nobody chose this name');
is_deeply([$status, said("${login}2")], [0, 'nobody chose this name'],
    'so does the login name, if no other was given');
($status) = Chatc->run($room, "x\n", env => { CHATC_NAME => $login }, '--');
is($status, 73, 'but not a name from the environment');
$own->say('!quit')->rest;
my @local = map { Chatc->start('-u', "$dir/sock") } 1 .. 2;
$_->expect(qr/joined/) for @local;
is(join('', sort map { $_->err } @local), "chatc: the name you log in by is " .
    "taken: in the room as $login/2\n", 'the number of a unix socket is told');
$_->end->status for @local;

# Whose message ends it.
my $eve = $room->enter('eve');
my $waits = Chatc->in_room($room, qw(-d -n w1 -f Eve -m go -w 300));
$ann->expect(qr/\tjoin\tw1\t/);
$ann->say('go')->until_now;
$eve->say('stop')->say('go');
is($waits->status, 0, "chatc can wait for one client's message");
like($waits->out, qr/<ann> go\n<eve> stop\n<eve> go\n\z/,
    "and another's does not count");
$waits = Chatc->in_room($room, qw(-d -n w2 -f eve -w 300));
$ann->expect(qr/\tjoin\tw2\t/);
$ann->say('hello')->until_now;
$eve->say('!msg w2 psst');
is($waits->status, 0, 'or for any message of that client');

# The barrier of the manual, with a hundred machines: half of them begin to
# wait only after the word was said.
my $run = 'run 4711';
sub machines {
	my ($n) = @_;
	return map { Chatc->in_room($room, qw(-d -q -N -n machine -l 1000
	    -w 300 -m), "^$run (ok|failed)\$") } 1 .. $n;
}
my @machines = machines(50);
$ann->say('run 4710 ok');
($status) = chatc(qw(-n deploy -M), "$run ok");
push @machines, machines(50);
is(join(' ', grep { $_ } map { $_->status } @machines), '',
    'a hundred pass a barrier, whenever they reach it');
is(scalar(grep { $_->out !~ /^<deploy\*> $run ok$/m } @machines), 0,
    'by the word of this run');
$_->signal('TERM') for grep { $_->{pid} } @machines;

# Loops that split lines.
$eve->say('{"n": 1}')->say("tab\there")->say('!me {"n": 2}')->say(' \\n $x');
$ann->until_now;
my %loop = (
	sh => q{while IFS="$(printf '\t')" read -r id kind name text; do } .
	    q{printf '%s|%s|%s\n' "$kind" "$name" "$text"; done},
	bash => q(while IFS=$'\t' read -r id kind name text; do ) .
	    q(echo "$kind|$name|$text"; done),
	awk => q~awk -F '\t' '{ text = $0; ~ .
	    q~sub(/^[^\t]*\t[^\t]*\t[^\t]*\t/, "", text); ~ .
	    q~print $2 "|" $3 "|" text }'~,
	python3 => q(python3 -c 'import sys
for line in sys.stdin:
    id, kind, name, text = line.rstrip("\n").split("\t", 3)
    print(kind, name, text, sep="|")'),
	jq => q{jq -rR 'split("\t") | "\(.[1])|\(.[2])|\(.[3:] | join("\t"))"'},
);
my $last = "msg|eve|{\"n\": 1}\nmsg|eve|tab\there\nme|eve|{\"n\": 2}\n" .
    "msg|eve| \\n \$x\n";
for my $language (sort keys %loop) {
	SKIP: {
		skip "no $language", 1 if !grep { -x "$_/$language" }
		    split /:/, $ENV{PATH};
		my $shell = $language eq 'bash' ? 'bash' : 'sh';
		my $chatc = Chatc->start(program => [$shell, '-c',
		    "$Chatc::PROGRAM -r -q -d -n loop -l 4 -w 0 " .
		    "$room->{host} $room->{port} | $loop{$language}"], '--');
		$chatc->status;
		is($chatc->out, $last, "$language splits every line");
	}
}

# The same as JSON, for jq and for Perl's own.
($status, $out) = chatc(qw(-j -q -n json -l 4 -w 0));
is(join('', map { my $o = JSON::PP->new->utf8->decode($_);
    "$o->{kind}|$o->{name}|$o->{text}\n" } split /\n/, $out), $last,
    'each line of -j is an object');
like($out, qr/\A\{"id":\d{16},/, 'whose ID is a number');
($status, $out) = chatc(qw(-j -n json -w 0));
is(scalar(grep { !eval { JSON::PP->new->utf8->decode($_) } } split /\n/,
    $out), 0, 'so is each answer');
like($out, qr/^\{"id":null,"kind":"hello","name":"json",/m, 'without an ID');
SKIP: {
	skip 'no jq', 1 if !grep { -x "$_/jq" } split /:/, $ENV{PATH};
	my $jq = Chatc->start(program => ['sh', '-c', "$Chatc::PROGRAM -j -q " .
	    "-d -n jq -l 4 -w 0 $room->{host} $room->{port} | " .
	    q{jq -r '"\(.kind)|\(.name)|\(.text)"'}], '--');
	$jq->status;
	is($jq->out, $last, 'and jq parses it');
}

# A bot in bash, whose coproc closes the circle.
SKIP: {
	skip 'no bash', 1 if !grep { -x "$_/bash" } split /:/, $ENV{PATH};
	my $bot = Chatc->start(program => ['bash', '-c', "coproc " .
	    "$Chatc::PROGRAM -q -r -n co $room->{host} $room->{port}; " .
	    q(while read -r id kind name text; do [ "$text" = ping ] && ) .
	    q(echo pong; done <&"${COPROC[0]}" >&"${COPROC[1]}")], '--');
	$ann->expect(qr/\tjoin\tco\t/);
	$ann->say('ping')->sees(qr/\tmsg\tco\tpong\z/, 'a coproc answers');
	kill 'TERM', -$bot->pid;
	$ann->expect(qr/\tleave\tco\t/);
}

# One of expect's, for which chatc is in a terminal.
SKIP: {
	skip 'no expect', 2 if !grep { -x "$_/expect" } split /:/, $ENV{PATH};
	my $bot = Chatc->start(env => { TERM => 'dumb' }, program => ['expect',
	    '-c', 'set timeout -1', '-c', "spawn $Chatc::PROGRAM -n exp " .
	    "$room->{host} $room->{port}", '-c', 'expect {
		"> ping\r\n" { send "pong\r"; exp_continue }
		"> enough\r\n" { send "\004" }
	    }', '-c', 'expect eof; exit [lindex [wait] 3]'], '--');
	$ann->expect(qr/\tjoin\texp\t/);
	$ann->say('ping')->sees(qr/\tmsg\texp\tpong\z/, 'expect answers');
	$ann->say('enough')->expect(qr/\tleave\texp\tquit/);
	is($bot->status, 0, 'and leaves by ^D');
}

# -q shows messages alone, whatever happens.
for my $form ('-r', '-j', '-c') {
	my $listener = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die;
	my $quiet = Chatc->start(qw(-q -n quiet), $form, '127.0.0.1',
	    $listener->sockport)->type("hm\n")->end;
	my $server = $listener->accept;
	my $say = sub { syswrite $server, join '', map {"$_\n"} @_ };
	my $id = 1700000000000000;
	$say->('-- who?');
	while (<$server>) { last if /^quiet$/ }
	$say->("-\tinfo\t\ttsv", "-\troom\t\t0123456789abcdef",
	    "-\thello\tquiet\t" . '0' x 32, "-\twho\t\t2", "-\twho\tbob\tx",
	    "-\tinfo\t\tnote", map { $id++ . "\t$_" } "join\tquiet\tx",
	    "join\tbob\tx", "name\tbob\trob", "msg\trob\thello");
	is(scalar <$server>, "hm\n", "with -q $form it says what it has to");
	$say->("-\terr\t\tno such thing", "-\tlost\t\t37",
	    map { $id++ . "\t$_" } "msg\tquiet\thm", "leave\trob\tquit");
	while (<$server>) {
		$say->("-\terr\t\t!me needs a text") if /^!me$/;
		last if /^!quit$/;
	}
	$say->("-\tbye\tquiet\tquit");
	close $server;
	is($quiet->status, 1, 'a refusal counts');
	is($quiet->err, "chatc: no such thing\nchatc: 37 messages lost\n",
	    'it is on standard error, as is the number of the lost');
	my @lines = split /\n/, $quiet->out;
	is(scalar @lines, 2, 'standard output has the two messages') or
	    diag($quiet->out);
	is((grep { !/hello|hm/ } @lines), 0, 'and nothing else');
}

# Invalid addresses, names and times.
for (['5000' => qr/localhost 5000/], ['localhost:5000' => qr/localhost 5000/],
    ['localhost 99999' => qr/too large/], ['localhost 0' => qr/too small/],
    ["'backup done'" => qr/use -M/], ["''" => qr/use -M/],
    [q(-n a@b) => qr/-n\b/], ["-t %n" => qr/more than one line/],
    ["-t ''" => qr/empty/], ['-t ' . '%A' x 60 => qr/more than 255/]) {
	my ($argv, $hint) = @$_;
	my $chatc = Chatc->start(program => ['sh', '-c',
	    "exec $Chatc::PROGRAM $argv"], '--');
	is($chatc->status, 2, "chatc $argv is a mistake");
	like($chatc->err, $hint, 'which is explained by what it may have been');
}

$room->stop;
done_testing();
