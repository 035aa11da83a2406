# Goal: with CHATSERV_AT a scenario runs against a server that it has not
# started, passes if that speaks chatproto(7), fails if it does not, and leaves
# it running.  tests/chaos/foreign_server.t runs all that can.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Strict;
use Test::More;

my $rung = 'contrib/course/ladder/select';
plan skip_all => "$rung is not built" if !-x $rung;

my $room = Room->start;
Strict::pass_at($room, 'tests/120-welcome.t', 'tests/130-talk.t');
$room->stop;

defined(my $pid = open my $out, '-|', $rung, 0) or die "$rung: $!\n";
my ($port) = <$out> =~ /^port (\d+)/;
{
	local $ENV{WAIT_AT_MOST} = 1;
	my ($well) = Strict::try_at('tests/130-talk.t', '127.0.0.1', $port);
	ok(!$well, 'it fails at a server of another language');
}
kill 'KILL', $pid;
close $out;
done_testing();
