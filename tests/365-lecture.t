# Goal: chatstat -l shows a class what the processes of a room wait for: who is
# asleep, blocked or lagging, who holds the lock and who waits for it; and the
# ring as a bar, with oldest, head and the cursors where they are.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Terminal;
use Test::More;
use Wait;

# On a busy machine anyone may.
Room::allows(qr/\w+ lapped, lost \d+ events/);

my $RING = 64 << 10;
my $WIDTH = 78;

my $room = Room->start('-r', '64k');
my $port = $room->port;
my $alice = $room->enter('alice', tsv => 1);
my $bob = $room->enter('bob');
my $slow = $room->enter('slow', tsv => 1, rcvbuf => 4096);
my $nobody = $room->connect;
$nobody->expect(qr/name\?/);
$_->expect(qr/slow(?:\t| joined)/) for $alice, $bob;

# One look: the two lines of the bar, that of the lock, and what each does.
sub look {
	my @line = `contrib/chatstat/chatstat -l -1 $port`;
	chomp @line;
	my ($ring, $cursors, $lock) = @line[1 .. 3];
	my %does = map { /^. +\d+ +\d+ (\S*) +(\S.*\S) +\d+ +\d+$/ ?
	    ($1 => $2) : () } @line[6 .. $#line];
	return { first => $line[0], ring => $ring =~ s/^\[(.*)\]$/$1/r,
	    cursors => substr($cursors, 1), lock => $lock, does => \%does };
}

# Look until it is so; then that look.
sub look_until {
	my ($code, $name) = @_;
	my $seen;

	ok(Wait::until_true(sub { $code->($seen = look()) }, 0.05), $name) or
	    diag(explain($seen));
	return $seen;
}

# Where the head is, as programs see it.
sub head { return (split /\t/, `contrib/chatstat/chatstat -t $port`)[6] }

sub cell { return int(($_[0] % $RING) * $WIDTH / $RING) }

my $seen = look_until(sub { my ($l) = @_;
	return !grep { ($l->{does}{$_} // '') ne 'asleep' } qw(alice bob slow);
}, 'sessions with nothing to do are asleep');
is($seen->{does}{''}, 'waits for a name', 'and one has no name yet');
like($seen->{lock}, qr/^lock free, 0 waiting; waker \d+ asleep$/,
    'nobody has the lock');
is(length $seen->{ring}, $WIDTH, 'the ring is as wide as a terminal');
is($seen->{ring} =~ tr/=OH//, 1, 'nearly nothing is in it');
is((split //, $seen->{cursors})[cell(100)], 3,
    'and three cursors are at the same place');

# The head moves on, and one session, which is stopped, does not.
my $text = 'x' x 500;
my $pid = $room->session_of('slow');
my $stood = head();
kill 'STOP', $pid;
$bob->send("$text\n" x 40);
$alice->expect(qr/\tx+$/) for 1 .. 40;
$seen = look_until(sub { ($_[0]{does}{bob} // '') eq 'asleep' },
    'who has said all sleeps again');
my $cell = cell(head());
cmp_ok($cell, '>', $WIDTH / 4, 'the head has moved by a part of the bar');
is($seen->{ring}, 'O' . '=' x ($cell - 1) . 'H' . '.' x ($WIDTH - $cell - 1),
    'which is filled from the oldest record up to there');
is($seen->{cursors}, ' ' x cell($stood) . 'c' .
    ' ' x ($cell - cell($stood) - 1) . '2' . ' ' x ($WIDTH - $cell - 1),
    'a letter shows who has not moved, a number how many have');
kill 'CONT', $pid;
$slow->expect(qr/\tx+$/) for 1 .. 40;

# One that keeps reading slowly is waited for: its writer is blocked.
$slow->freeze;
$bob->send("$text\n" x 1000);
my $blocked;
look_until(sub { my ($l) = @_;
	$slow->thaw;
	Wait::pump(0);
	$slow->freeze;
	$blocked = $l;
	return ($l->{does}{bob} // '') =~ /^blocked, ring full$/;
}, 'a writer without space is blocked');
unlike($blocked->{ring}, qr/\.{8}/, 'for the ring is full');
like($blocked->{ring}, qr/^(?=.*H)(?=.*=).*$/, 'up to its head');

# One that does not read is not waited for long.
look_until(sub { ($_[0]{does}{slow} // '') =~ /lapped|lagging/ },
    'a reader that does not read lags');
$bob->say('the last');
$alice->expect(qr/\tthe last$/);

# The ring has gone round more than once.
my $head = head();
$seen = look();
is(index($seen->{ring}, 'H'), cell($head), 'H is where head is');
my ($oldest) = $seen->{first} =~ /oldest (\d+)/;
cmp_ok($head - $oldest, '<=', $RING, 'the oldest record is in the ring');
is((split //, $seen->{ring})[cell($oldest)] =~ /[OH]/, 1, 'O is where it is');
my $at = (split //, $seen->{cursors})[cell($head)];
like($at, qr/^[23]$/, 'those who have read all are at the head');
$slow->thaw;
$slow->expect(qr/\tthe last$/);
look_until(sub { $_[0]{does}{slow} eq 'asleep' },
    'who has caught up no longer lags');

# The lock is held for as long as we like: nobody looks after it.
kill 'STOP', $room->pid, $pid;
system('tests/chaos/hold', "/chatserv.$port", $pid) == 0 or die "hold\n";
$_->say('anyone?') for $alice, $bob;
$seen = look_until(sub { $_[0]{lock} =~ /, 2 waiting/ },
    'two wait for the lock');
like($seen->{lock}, qr/^lock held by $pid \(slow\)/, 'that another holds');
is($seen->{does}{slow}, 'holds the lock', 'it says which');
is("$seen->{does}{alice}, $seen->{does}{bob}",
    'waits for the lock, waits for the lock', 'and who');
SKIP: {
	skip 'no tmux', 3 if !Terminal->available;
	for my $size ([60, 24], [17, 8]) {
		my ($columns, $rows) = @$size;
		my $small = Terminal->start(@$size)
		    ->type("contrib/chatstat/chatstat -l -s 1 $port")
		    ->keys('Enter');
		$small->shows(qr/\A\s*room [^\n]*\n\[[^\n]*\n[^\n]*\nlock [^\n]*\n
		    \n[^\n]*SLOT[^\n]*\n(?:[^\n]\ +\d+\ +\d+[^\n]*\n)+\s*\z/mx,
		    "@$size: each line keeps to its row");
		$small->keys('Enter');
	}
	my $screen = Terminal->start(80, 24)
	    ->type("contrib/chatstat/chatstat -l -s 1 $port")->keys('Enter');
	$screen->shows(qr/^\s*room [^\n]*\n\[\S{78}\]\n[^\n]*\nlock [^\n]*\n
	    (?:\n[^\n]*DOES[^\n]*)\n(?:[^\n]{1,80}\n){4}/mx,
	    'it all fits a terminal of 80 columns and 24 rows');
	$screen->keys('Enter');
}
system('tests/chaos/hold', "/chatserv.$port", 'release') == 0 or die "hold\n";
kill 'CONT', $room->pid, $pid;
$_->expect(qr/anyone\?$/) for $alice, $bob, $slow;
look_until(sub { !grep { $_ =~ /lock/ } values %{$_[0]{does}} },
    'then nobody waits for it');
is(system("contrib/chatstat/chatstat -lt $port 2>/dev/null") >> 8, 2,
    'programs are to take -t alone');
$room->stop;
done_testing;
