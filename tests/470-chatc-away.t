#!/usr/bin/env perl
#
# Goal: while the room is away, chatc -R keeps trying, in growing pauses,
# takes over its name again, and reports what is lost.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use IO::Socket::INET;
use Proxy;
use Room;
use Test::More;
use Time::HiRes qw(time);
use Wait;

Room::expects(qr/died of signal 9; recovered/, qr/\S+ left \(replaced\)/);
Room::allows(qr/the waker died; recovered/);

my @how = (env => { CHATC_PATIENCE => 1 }, '--', '-R');
my $room = Room->start(qw(-r 64k));
my $proxy = Proxy->new($room->{host}, $room->{port});
my $ann = $room->enter('ann', tsv => 1);

# A connection that falls silent, while the server does not know it.
my $chatc = Chatc->in_room($proxy, @how, '-n', 'bob');
$chatc->type("before\n");
$ann->expect(qr/\tmsg\tbob\tbefore/);
$proxy->busy_pair(100)->freeze;
$chatc->type("during\n");
my @heard = $ann->expect(qr/\tmsg\tbob\tduring/);
is(scalar @heard, 1,
    'chatc takes its name over: the room sees no leave and join');
like($chatc->err, qr/\Achatc: the server does not answer; trying again\n/,
    'standard error says that the connection was lost');
$chatc->shows(qr/^chatc: connected again$/m, 'and that it is back', 'err');
is($chatc->end->status, 0, 'in the end everything was published');

# The same before chatc knows that it has joined.
my $half = Chatc->in_room($proxy, @how, qw(-n half));
my $pair = $proxy->busy_pair(10);
Wait::until_true(sub { $pair->{ends}[0]{carried} > 10 }) or die;
$pair->freeze;
$half->type("once\n");
@heard = $ann->expect(qr/\tmsg\thalf\tonce/);
is(scalar(grep { /\tleave\thalf/ } @heard), 0,
    'chatc takes its name over even if the welcome was lost');
is($half->end->status, 0, 'and everything is published');

# Under a name other than the first.
my $named = Chatc->in_room($proxy, @how, qw(-c -n first));
$named->type("!name second\n");
$ann->expect(qr/\tname\tfirst\tsecond/);
$named->expect(qr/now second/);
$_->break('reset') for $proxy->pairs;
$named->type("by this name\n");
$ann->sees(qr/\tmsg\tsecond\tby this name/, 'a new name is kept');
is($named->end->status, 0, 'in the end, too');

# Another client has the name when chatc returns.
my $robbed = Chatc->in_room($proxy, @how, qw(-n robbed));
$ann->expect(qr/\tjoin\trobbed/);
my $thief;
kill 'STOP', $robbed->pid;
kill 'KILL', $room->session_of('robbed');
$ann->expect(qr/\tleave\trobbed/);
$thief = $room->enter('robbed');
kill 'CONT', $robbed->pid;
$robbed->shows(qr/^chatc: the name robbed is taken.*; trying again$/m,
    'if another has the name, it says so', 'err');
$thief->say('!quit')->rest;
$robbed->shows(qr/^chatc: connected again$/m, 'and waits for it', 'err');
is($robbed->end->status, 0, 'until it can go on');

# Meanwhile more is published than the ring holds.
my $deaf = Chatc->in_room($proxy, @how, qw(-r -d -n deaf));
$ann->expect(qr/\tjoin\tdeaf/);
$deaf->expect(qr/\tjoin\tdeaf/);
$_->freeze for $proxy->pairs;
my $n = 800;
$ann->say("$_ " . 'x' x 200) for 1 .. $n;
$ann->expect(qr/\tmsg\tann\t$n /);
$ann->say('the end')->until_now;
$deaf->shows(qr/\tthe end\n/, 'a listener that was away returns');
my %count = (msg => 0, leave => 0, join => 0);
my ($lost, $told) = (0, 0);
for (split /\n/, $deaf->out) {
	my ($id, $kind, $name, $text) = split /\t/, $_, 4;
	$count{$kind}++ if $id ne '-';
	($lost, $told) = ($lost + $text, $told + 1) if $kind eq 'lost';
}
is($told, 1, 'it is told once that lines were lost');
ok($lost > 0 && $count{msg} > 0, 'some were, and some were not');
is($lost + $count{msg}, $n + 1, 'how many it says, to the line');
$deaf->signal('TERM');
$deaf->status;

# A line whose echo is no longer in the ring.
my $unsure = Chatc->in_room($proxy, @how, qw(-q -n unsure));
$unsure->type("heard\n")->expect(qr/<unsure> heard/);
$_->hush for $proxy->pairs;
$proxy->gone(1);
$unsure->type("perhaps\n");
$ann->expect(qr/\tmsg\tunsure\tperhaps/);
$ann->say("$_ " . 'x' x 200) for 1 .. $n;
$ann->until_now;
$proxy->gone(0);
$unsure->shows(qr/^chatc: the server cannot tell whether 1 line arrived/m,
    'where a line may have been said, that is told', 'err');
$ann->sees(qr/\tmsg\tunsure\tperhaps/, 'and its line is published twice');
is($unsure->end->status, 0, 'rather than not at all');

# No server at first: attempts in growing pauses.
my $listener = IO::Socket::INET->new(Listen => 8, ReuseAddr => 1,
    LocalAddr => '127.0.0.1') or die;
my $place = { host => '127.0.0.1', port => $listener->sockport };
my $patient = Chatc->in_room($place, @how, qw(-d -n patient));
my @times;
for (1 .. 6) {
	close $listener->accept;
	push @times, time;
}
my @short = grep { $times[$_] - $times[$_ - 1] < 0.025 * 2**$_ } 2 .. 5;
is("@short", '', 'the pauses grow from attempt to attempt');
my $port = $listener->sockport;
close $listener;
my $late = Room->start('--', '127.0.0.1', $port);
$patient->shows(qr/^-- patient joined$/m,
    'when there is a server at last, chatc joins');
$patient->shows(qr/^chatc: connected again$/m, 'and says so', 'err');
like($patient->err, qr/\Achatc: [^\n]*; trying again\nchatc: [^\n]*\n\z/,
    'one line says that it tries, one that it has joined');
$patient->signal('TERM');

# A program may want to show how long it will take.
my $front_listener = IO::Socket::INET->new(Listen => 8, ReuseAddr => 1,
    LocalAddr => '127.0.0.1') or die;
my $front = Chatc->in_room({ host => '127.0.0.1', port => $front_listener->sockport },
    @how, qw(-r -d -n front));
close $front_listener->accept for 1 .. 3;
$front->shows(qr/\A(?:chatc: [^\n]*; trying again in 0\.\d s\n){3}/,
    'with -r standard error tells each pause, in seconds', 'err');
$front->signal('TERM');
$front->status;

# Silence after a command that has no answer of its own is no loss, nor is it
# a silence of the server's while chatc is stopped.
my @quiet = map { Chatc->in_room($room, env => { CHATC_PATIENCE => 1 }, '--',
    @$_, '-n', "quiet$#$_") } ['-c'], ['-c', '-R'];
$_->shows(qr/joined/, 'one comes who will say little') for @quiet;
$quiet[$_]->type("!name still$_\n")->expect(qr/is now still$_/) for 0, 1;
for my $signal ('STOP', 'CONT') {
	$_->signal($signal) for @quiet;
	my $since = time;
	Wait::until_true(sub { time - $since > 2.2 }, 0.1);
}
is(($_->end->status . $_->err), '0', 'and after a long silence is still there')
    for @quiet;

# What no attempt can recover.
my $taken = Chatc->in_room($room, @how, qw(-n ann))->end;
is($taken->status, 73, 'a name that is taken at first is a refusal, also -R');
like($taken->err, qr/\Achatc: the name ann is taken[^\n]*\n\z/,
    'and reported once');

$_->stop for $late, $room;
done_testing();
