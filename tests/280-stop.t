# Goal: TERM, INT and ctrl-C stop the room in order: everybody is told, and no
# process, zombie or shared object is left.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Room;
use Test::More;

Room::expects(qr/died of signal 9; recovered/, qr/mallory left \(killed\)/);
Room::allows(qr/deaf lapped, lost \d+ events/);

for my $signal (qw(TERM INT)) {
	my $room = Room->start;
	my @clients = map { $room->enter("c$_") } 1 .. 5;
	my $tess = $room->enter('tess', tsv => 1);
	my $guest = $room->connect;
	$guest->expect(qr/name/);
	my @processes = map { $_->{pid} } $room->children;
	cmp_ok(@processes, '>=', 7, 'each client has a process');
	$room->signal($signal);
	for my $client (@clients) {
		my @lines = $client->rest;
		is($lines[-1], '-- goodbye (server stopping)',
		    "at $signal $client->{name} is told");
		is($client->{over}, 'closed', 'and closed in order');
	}
	my @lines = $tess->rest;
	is($lines[-1], "-\tbye\ttess\tserver stopping", 'in TSV too');
	$guest->rest;
	pass('a guest without a name is closed as well');
	is($room->exit_status, 0, "at $signal the exit status is 0");
	is((grep { kill 0, $_ } @processes), 0, 'no process is left');
	is(join(' ', $room->shared_objects), '', 'no shared object is left');
}

# What a terminal does at ctrl-C: INT to parent and children at once.
my $room = Room->start;
my @clients = map { $room->enter("c$_") } 1 .. 5;
kill 'INT', -$room->pid;
for my $client (@clients) {
	my @lines = $client->rest;
	is($lines[-1], '-- goodbye (server stopping)',
	    "at ctrl-C $client->{name} is told");
}
is($room->exit_status, 0, 'at ctrl-C the exit status is 0');
is(join(' ', $room->shared_objects), '', 'no shared object is left');

# What an init does at the end: TERM to all, the sessions first.  It is no kick.
$room = Room->start;
my @names = map {"c$_"} 1 .. 20;
@clients = map { $room->enter($_) } @names;
my @sessions = map { $room->session_of($_) } @names;
kill 'TERM', @sessions;
kill 'TERM', -$room->pid;
is(join(' ', grep { $_ ne '-- goodbye (server stopping)' }
    map { ($_->rest)[-1] } @clients), '',
    'at TERM to all, everyone is told that the server stops');
is($room->exit_status, 0, 'and the exit status is 0');

# Not so a kick.
$room = Room->start;
my $witness = $room->enter('witness');
my $kicked = Chatc->in_room($room, '-R', '-d', '-n', 'mallory');
$witness->expect('-- mallory joined');
kill 'TERM', $room->session_of('mallory');
$witness->sees('-- mallory left (killed)', 'a kick is seen by all');
is($kicked->status, 1, 'and ends chatc -R');
$room->stop;

# In the middle of talk, with one who never reads.
$room = Room->start('-r', '64k');
my $deaf = $room->enter('deaf', rcvbuf => 4096)->freeze;
my $alice = $room->enter('alice');
$alice->say('x' x 1000 . " $_") for 1 .. 20_000;
$alice->expect(qr/^<alice> x+ 2000$/);
$room->stop;
like(($alice->rest)[-1], qr/^-- goodbye \(server stopping\)$/,
    'in the middle of talk the talker is told');

# The port is free again at once.
my $port = $room->{port};
$room = Room->start('--', '127.0.0.1', $port);
is($room->port, $port, 'a new server can listen on the port at once');
$room->enter('alice');
$room->stop('INT');
done_testing;
