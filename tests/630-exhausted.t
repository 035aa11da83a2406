#!/usr/bin/env perl
#
# Goal: if no process, descriptor or memory is left, new clients are told so
# or wait, clients in the room talk on, and the parent does not spin; later
# everything is as before, to the last process, descriptor and segment.

use strict;
use warnings;
use lib 'tests/lib';
use Usage;
use Faults;
use Room;
use Test::More;
use Time::HiRes ();

Room::expects(
	qr/cannot fork: .*/,
	qr/cannot accept: .*/,
	qr/refused: the server has no spare process: try again later/,
);
Room::allows(
	qr/cannot start the waker: .*/,
	qr/the waker died; recovered/,
	qr/a client: refused: the server has no spare descriptor: try again later/,
);

my $missing = Faults::missing($Room::PROGRAM);
plan skip_all => $missing if $missing;

my $MEMBERS = 12;		# more than a publisher wakes itself
my $faults = Faults->new(1);
my $room = do {
	local %ENV = (%ENV, $faults->environment);
	Room->start;
};
my $usage = Usage->start($room);
my @members = map { $room->enter("m$_") } 1 .. $MEMBERS;
my $said = 0;

# Everyone receives what the first one sends.
sub talk_on {
	my ($name) = @_;

	$members[0]->say('line ' . ++$said);
	my @deaf = grep {
		!($_->lines_until("<m1> line $said"))[0]
	} @members;
	is(scalar(@deaf), 0, $name);
}

sub refused {
	my ($why) = @_;
	my @lines = eval { $room->connect->rest };
	return @lines == 1 && $lines[0] =~ /^!! .*\b$why\b.*try again later$/;
}

# How many of so many clients are refused, up to the first that is not.
sub refusals {
	my ($why, $clients) = @_;
	my $n = 0;

	$n++ while $n < $clients && refused($why);
	return $n;
}

# Seconds of processor time that the parent has used.
sub cpu {
	open my $stat, '<', '/proc/' . $room->pid . '/stat' or return 0;
	my @field = split ' ', <$stat> =~ s/.*\) //r;
	return ($field[11] + $field[12]) /
	    POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

sub comes_in {
	my ($name) = @_;
	ok(eval { $room->enter($name)->say('!quit')->rest; 1 },
	    'when there is one again, the next client joins') or diag($@);
}

my $cpu = cpu();
$faults->always('fork');
is(refusals('process', 20), 20,
    'if no process is left, each client is told so');
talk_on('and the room talks on');

# The waker is a process, too, and cannot be forked again.
my ($waker) = grep { $_->{title} =~ /waker/ } $room->children;
kill 'KILL', $waker->{pid};
$room->logs(qr/cannot start the waker/, 'not even a new waker can be forked');
ok(refused('process'), 'clients are told so nevertheless');
talk_on('and everyone receives everything');
$faults->always(undef);
comes_in('p');
$room->eventually(sub {
	grep { $_->{title} =~ /waker/ } $room->children
}, 'and there is a waker again');

# What the system reports of the parent.
sub status {
	my ($field) = @_;
	open my $status, '<', '/proc/' . $room->pid . '/status' or return '';
	return map { /^$field:\s+(\w+)/ } <$status>;
}

# Processes and descriptors: really none, where that can be asked for.  A
# server that was root is limited by whom it has become.
sub really_none {
	my ($what, $option, $used) = @_;
	my @limit = ('prlimit', '--pid', $room->pid);

	unshift @limit, 'setpriv', '--reuid', status('Uid'), '--regid',
	    status('Gid'), '--clear-groups' if $> == 0;
	my ($soft) = `@limit --$option -o SOFT --noheadings 2>/dev/null` =~
	    /(\d+|unlimited)/;
	skip 'this needs prlimit(1), and as root setpriv(1)', 4 if !$used || !$soft;
	system @limit, "--$option=$used:";
	is(refusals($what, 20), 20,
	    "if really no $what is left, each client is told so");
	$room->eventually(sub {
		20 <= (() = $room->log =~ /: refused: the server has no spare $what/g)
	}, 'and each is logged');
	talk_on('and the room talks on');
	system @limit, "--$option=$soft:";
	comes_in(substr $what, 0, 1);
}

SKIP: {
	my $used = 0;
	$used++ while -l '/proc/' . $room->pid . "/fd/$used";
	really_none('descriptor', 'nofile', $used);
}
SKIP: {
	skip 'root may have any number of processes', 4
	    if (status('CapEff'))[0] !~ /^0+$/;
	really_none('process', 'nproc', 1);
}

# No memory or no place in the system's table for a connection: it waits in
# its queue.
for my $kind (qw(accept-memory accept-table)) {
	my $before = $faults->failed($kind);
	my $begun = Time::HiRes::time();
	my $waiting = $room->connect;
	$faults->always($kind);
	$waiting->say('n');
	my $other = $room->connect;
	Wait::until_true(sub { $faults->failed($kind) >= $before + 4 }, 0.05);
	my $tries = ($faults->failed($kind) - $before) /
	    ($kind eq 'accept-table' ? 2 : 1);	# the second with the spare one
	cmp_ok($tries, '<=', 2 + Time::HiRes::time() - $begun,
	    "at $kind, it is tried once a second");
	cmp_ok($tries, '>=', 2, 'and again');
	talk_on('the room talks on');
	$faults->always(undef);
	like($other->line, qr/^-- /,
	    'clients that waited are admitted at last');
	$_->close for $waiting, $other;
}
cmp_ok(cpu() - $cpu, '<', 1, 'the parent never spins');
$_->say('!quit')->rest for @members;
$usage->unchanged;
note 'parent: ', cpu() - $cpu, ' s of processor time; ', $faults->figures;
$room->stop;
done_testing();
