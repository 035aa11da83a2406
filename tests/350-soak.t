# Goal: whatever clients do, in whatever order, nobody hangs, and for each
# reader the received and lost messages are all that were published, in order.
#
# SOAK_SEED and SOAK_STEPS run another story, or a longer one.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

Room::expects(qr/died of signal 9; recovered/, qr/the waker died; recovered/);
Room::allows(qr/c\S+ left \(killed\)/, qr/c\S+ lapped, lost \d+ events/);

my $seed = $ENV{SOAK_SEED} // 6;
my $steps = $ENV{SOAK_STEPS} // 200;
my $freezes = int $steps / 25;		# each may hold the room for a second
srand $seed;

my $room = Room->start('-r', '64k', '-m', 100);
my $alice = $room->enter('alice', tsv => 1);
my @all = @{ $alice->{entry} };
my (@here, @gone, $count);

sub any { return $here[rand @here] }

sub remove {
	my ($client) = @_;
	@here = grep { $_ != $client } @here;
	push @gone, $client;
}

my @deeds = (
	sub {
		push @here, $room->enter('c' . ++$count, tsv => 1,
		    rcvbuf => 4096) if @here < 12;
	},
	(sub {
		my ($lines, $size) = (rand 400, rand 600);
		any()->send(join '',
		    map { 'x' x $size . " $_\n" } 1 .. $lines);
	}) x 6,
	sub { any()->say('!name n' . ++$count) },
	sub { any()->send("!who\n!what\n!help\n" x rand 50) },
	sub { any()->send(join '', map { chr rand 256 } 1 .. rand 2000)
	    ->send("\n") },
	sub { any()->send('y' x rand 20_000)->send("\n") },
	(sub { any()->freeze if $freezes-- > 0 }) x 2,
	sub { any()->thaw },
	# All messages so far have arrived; a client that is frozen then is lapped.
	(sub {
		my $mark = ++$count;
		push @all, $alice->say("!me $mark")->expect(qr/\t$mark$/);
	}) x 2,
	sub { my $one = any(); remove($one); $one->thaw->reset },
	sub { my $one = any(); remove($one); $one->thaw->say('!quit soon') },
	sub { my $one = any(); remove($one); $one->thaw->half_close },
	sub {
		my @sessions = grep { $_->{title} =~ /: [cn]\d+ |waker/ }
		    $room->children or return;
		kill 'KILL', $sessions[rand @sessions]{pid};
		# The connection will tell whose it was.
	},
);
for my $step (1 .. $steps) {
	push @here, $room->enter('c' . ++$count, tsv => 1, rcvbuf => 4096)
	    while @here < 4;
	$deeds[rand @deeds]();
	Wait::pump(0) for 1 .. 5;
	remove($_) for my @closed = grep { $_->{over} } @here;
}
$_->thaw for @here;
$alice->say('!me ends');
my $end = qr/\tme\talice\tends$/;
push @all, $alice->expect($end);
my @lost = grep { /^-/ } @all[3 .. $#all];
is("@lost", '', 'a client that always reads loses nothing');
my @published = grep { /^\d/ } @all;
my %at;
@at{@published} = 0 .. $#published;

my ($wrong, $lost) = (0, 0);

# Each event follows the one before, or as many as were reported lost.
sub check {
	my ($client, @lines) = @_;
	my $next;
	for (@{ $client->{entry} }, @lines) {
		if (/^-\tlost\t\t(\d+)$/) {
			$next += $1;
			$lost += $1;
		} elsif (/^\d/) {
			$wrong++ if !exists $at{$_} ||
			    defined $next && $at{$_} != $next;
			$next = ($at{$_} // 0) + 1;
		}
		# Some send more after that, which alice has not read.
		last if $_ =~ $end;
	}
}

for my $client (@here) {
	my ($found, @lines) = $client->lines_until($end);
	check($client, @lines);
	next if $found || $client->{over};	# it was killed at the end
	diag("$client->{name} hangs");
	$wrong++;
}
check($_, $_->{in} =~ /(.*)\n/g) for @gone;
is($wrong, 0,
    "with seed $seed each of them has read everything or knows its loss");
note(scalar @published, " events, $lost lost, ", scalar @gone, ' gone');

$_->{fh} && $_->close for @gone;
$room->eventually(sub { !$room->zombies }, 'no zombie remains');
$room->stop;
done_testing;
