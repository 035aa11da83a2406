#!/usr/bin/env perl
#
# Goal: chatc writes the room to standard output in the form requested, each
# line at once, and nothing else.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use POSIX ();
use Room;
use Test::More;
use Wait;

my $room = Room->start;
my $ann = $room->enter('ann', tsv => 1);
my $id = qr/\d{16}/;
my ($status, $out, $err);

# A listener in the room, which has written everything up to now.
sub listener {
	my ($name, @options) = @_;

	my $chatc = Chatc->in_room($room, @options, '-n', $name);
	$ann->expect(qr/\tjoin\t\Q$name\E\t/);
	return $chatc;
}

sub leaves {
	my ($chatc) = @_;
	return $chatc->end->status;
}

# Forms.
my %ear = (
	plain => listener('plain'), raw => listener('raw', '-r'),
	quiet => listener('quiet', '-q'),
	timed => listener('timed', '-t', '%Y-%m-%d'));
my $guest = $room->enter('guest');
$guest->say('hello')->say('!me waves')->say('!name gast')->say('!quit bye');
my @events = $ann->expect(qr/\tleave\tgast\t/);
shift @events while $events[0] !~ /\tjoin\tguest\t/;
leaves($ear{$_}) for qw(plain raw quiet timed);

my $plain = "-- guest joined\n<guest> hello\n* guest waves\n" .
    "-- guest is now gast\n-- gast left (quit: bye)\n";
like($ear{plain}->out, qr/^\Q$plain\E/m, 'the plain form is for people');
my $tsv = join '', map {"$_\n"} @events;
like($ear{raw}->out, qr/^\Q$tsv\E/m, "-r shows the server's lines as they are");
is($ear{quiet}->out, "<guest> hello\n* guest waves\n",
    '-q hides joins, leaves and new names');
my $day = POSIX::strftime('%Y-%m-%d', localtime substr $events[1], 0, 10);
like($ear{timed}->out, qr/^$day <guest> hello\n$day \* guest waves\n/m,
    '-t puts the time of each line in front of it');

# A private message is for one client.
my $private = listener('private');
my $other = listener('other');
$ann->say('!msg private psst')->expect(qr/\tpriv\t/);
$ann->say('loud')->expect(qr/\tmsg\tann\tloud/);
$private->shows(qr/^<ann>private> psst$/m, 'a private message is shown');
$other->expect(qr/^<ann> loud$/m);
unlike($other->out, qr/psst/, 'but not to other clients');
leaves($_) for $private, $other;

# The past.
my ($before) = $ann->say('old one')->expect(qr/\told one/) =~ /($id)/;
$ann->say('old two')->expect(qr/\told two/);
($status, $out) = Chatc->run($room, '', qw(-q -l 2 -n last));
is($out, "<ann> old one\n<ann> old two\n", '-l 2 begins with two messages');
($status, $out) = Chatc->run($room, '', qw(-n since -s), $before);
like($out, qr/\A<ann> old two\n(?:-- last .*\n)*-- since joined\n\z/,
    '-s begins with what came after an ID');

($status, $out) = Chatc->run($room, '', qw(-n from0 -s 0));
like($out, qr/^-- \w+ joined$/m, 'and -s 0 with the first event there is');
like((grep { /^<|joined$/ } split /\n/, $out)[0], qr/joined$/,
    'which is a join');

# At once, also into a pipe through another.
my $at_once = listener('at_once', '-d');
for my $n (1 .. 3) {
	$ann->say("at once $n");
	$at_once->shows(qr/^<ann> at once $n\n\z/m,
	    "line $n is in the pipe as soon as it is published");
}
$at_once->signal('TERM');
is($at_once->status, -15, 'TERM ends it as it ends any filter');

# Nobody reads any more.
pipe my $read, my $write or die;
my $head = Chatc->in_room($room, out => $write, '--', qw(-d -n head));
$ann->expect(qr/\tjoin\thead\t/);
my $first;
Wait::until_true(sub { sysread $read, $first, 100 }, 0.01);
is($first, "-- head joined\n",
    'a program reads one line from it, and closes the pipe');
close $read;
# Where there is no ppoll(2) it notices that with the next event.
$ann->say('still here?') if $ENV{BARE} || $^O eq 'darwin';
is($head->status, -POSIX::SIGPIPE(), 'one that only listens dies of SIGPIPE');
is($head->err, '', 'without a word');
$ann->expect(qr/\tleave\thead\t/);
pipe $read, $write or die;
my $deaf = Chatc->in_room($room, out => $write, '--', qw(-n deaf));
close $read;
$deaf->type("said all the same\n");
$ann->sees(qr/\tmsg\tdeaf\tsaid all the same/,
    'one that has input publishes it,');
is($deaf->end->status, -POSIX::SIGPIPE(), 'and dies of SIGPIPE then');

# A disk that is full, and an output that is closed.
SKIP: {
	skip 'no /dev/full', 2 if !-e '/dev/full';
	my $full = Chatc->in_room($room, out => '/dev/full', '--',
	    qw(-d -n full));
	is($full->status, 1, 'a full disk is an error');
	is($full->err, 'chatc: standard output: ' .
	    do { local $! = POSIX::ENOSPC(); "$!" } . "\n", 'and said');
}
my $shut = Chatc->in_room($room, out => 'closed', '--', qw(-d -n shut));
is($shut->status, 1, 'a closed standard output is an error');
like($shut->err, qr/\Achatc: standard output: .+\n\z/, 'and is reported, too');

# Nothing but lines.
($status, $out, $err) = Chatc->run($room, "\e[31mred\n",
    env => { TERM => 'xterm-256color' }, '--', qw(-n plainly));
unlike($out, qr/[^\n -~]/, 'no escape sequence gets into a pipe');

# Where the name and the address come from.
my %env = (CHATC_NAME => 'envy', CHATC_HOST => $room->{host},
    CHATC_PORT => $room->{port});
my $environment = Chatc->start(env => \%env, '--')->end;
is($environment->status, 0, 'host and port may come from the environment');
is($environment->out, "-- envy joined\n", 'and so may the name');
($status, $out) = Chatc->run($room, '', env => \%env, '--', '-n', 'given');
is($out, "-- given joined\n", 'but -n has precedence');
my $login = getpwuid $<;
($status, $out) = Chatc->run($room, '', env => { CHATC_NAME => '' }, '--');
is($out, "-- $login joined\n", 'without any it is the login name');

$room->stop;
done_testing();
