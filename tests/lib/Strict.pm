# The scenarios that look only at what clients see: with CHATSERV_AT they hold
# any server against chatproto(7), whoever wrote it.

package Strict;

use strict;
use warnings;
use Room;
use Test::More ();

my @scenarios = map {"tests/$_.t"} qw(100-greeting 112-unicode 120-welcome
    130-talk 150-rename 160-private 170-commands 210-tsv 220-lines 225-telnet
    230-text);

sub scenarios { return @scenarios }

# Whether it passes there, with so many assertions, and what it printed.
sub try_at {
	my ($scenario, $host, $port) = @_;

	local $ENV{CHATSERV_AT} = "$host:$port";
	my $out = `$^X $scenario 2>&1`;
	return ($? == 0, scalar(() = $out =~ /^ok /mg), $out);
}

# Tests: they pass at this room, which goes on.
sub pass_at {
	my ($room, @these) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Room::allows(qr/.*/);
	for my $scenario (@these) {
		my ($well, $n, $out) = try_at($scenario, $room->{host},
		    $room->port);
		Test::More::ok($well && $n > 0, "$scenario passes: $n") or
		    Test::More::diag($out);
	}
	my $alice = $room->enter('alice');
	$alice->say('still here')->sees('<alice> still here',
	    'the server goes on');
}

1;
