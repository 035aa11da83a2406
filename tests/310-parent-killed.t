# Goal: when the parent is killed, its children say goodbye and exit, and the
# next server on that port has all messages, also after an orderly stop with
# -k; after one without -k it has none.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $room = Room->start;
my $port = $room->port;
my $alice = $room->enter('alice', tsv => 1);
my $bob = $room->enter('bob');
my $guest = $room->connect;
$guest->expect(qr/name/);
$bob->say("line $_") for 1 .. 100;
my @said = (@{ $alice->{entry} }, $alice->expect(qr/\tline 100$/));
@said = grep { /^\d/ } @said;

kill 'KILL', $room->pid;
is(($alice->rest)[-1], "-\tbye\talice\tserver stopping",
    'when the parent is killed, its children say goodbye');
is(($bob->rest)[-1], '-- goodbye (server stopping)', 'all of them');
$guest->rest;
is($room->exit_status, -9, 'and all are gone');
is(scalar(my @left = $room->shared_objects), 1, 'what they shared is left');

$room = Room->start('-k', '--', '127.0.0.1', $port);
is($room->port, $port, 'a new server takes its place');
my $carol = $room->enter('carol', tsv => 1, since => 0);
my @seen = grep { /^\d/ } @{ $carol->{entry} };
is(join("\n", @seen[0 .. $#said]), join("\n", @said),
    'and has all messages, with their IDs');
my @left_by = sort map { /\tleave\t(.*)$/ ? $1 : () } @seen;
is("@left_by", "alice\tconnection lost bob\tconnection lost",
    'and announces that those who were there have left');
my ($old) = $said[-1] =~ /^(\d+)/;
my ($new) = $carol->{entry}[-1] =~ /^(\d+)/;
cmp_ok($new, '>', $old, 'IDs go on increasing');

$carol->say('one more');
$carol->expect(qr/\tone more$/);
$room->signal('TERM');
is($room->exit_status, 0, 'with -k the end is orderly, too');
$room = Room->start('--', '127.0.0.1', $port);
my $dave = $room->enter('dave', last => 2);
is(join("\n", @{ $dave->{entry} }[1, 2]), "<bob> line 100\n<carol> one more",
    'and the history remains for the next start');
$room->stop;

$room = Room->start('--', '127.0.0.1', $port);
my $erin = $room->enter('erin', since => 0);
is(join("\n", @{ $erin->{entry} }),
    "-- welcome erin, 1 here: erin\n-- erin joined",
    'after an end without -k there is none');
$room->stop;

# A client that has sent all and left, but not yet read all of its lines, when
# a new parent takes over: it may not have the rest of the old segment.
$room = Room->start;
$port = $room->port;
$alice = $room->enter('alice', tsv => 1, rcvbuf => 4096)->freeze;
$bob = $room->enter('bob');
my $n = 1000;
$alice->say("$_ " . 'x' x 400) for 1 .. $n;
$alice->half_close;
$bob->expect(qr/^-- alice left \(quit\)$/);
$room->signal('KILL');
$bob->rest;
my $next = Room->start('--', '127.0.0.1', $port);
my @heard = $alice->thaw->rest;
cmp_ok(scalar(grep { /\tmsg\talice\t/ } @heard), '<', $n,
    'a client that left, but did not read all before a new parent came,');
is($heard[-1], "-\tbye\talice\tserver stopping",
    'gets no goodbye that says so');
$room->exit_status;
($old) = map { /^(\d+)\t/ } reverse @heard;
$alice = $next->enter('alice', tsv => 1, since => $old);
is((grep { /\tmsg\talice\t/ } @heard, @{ $alice->{entry} }), $n,
    'and reads the rest when it returns');
$next->stop;
done_testing;
