# The one place where a test waits.
#
# Every handle that a test reads or writes is registered here.  Whatever the
# test waits for, all of them are read and written meanwhile, so nothing that
# it ignores just then can fill up and delay the room.  A test never sleeps: it
# waits for the event itself, for half a minute at most.

package Wait;

use strict;
use warnings;
use Time::HiRes ();

our $LIMIT = 30;	# seconds; far more than any event takes

# If something is broken on purpose, nobody wants to wait that long in vain:
# $WAIT_AT_MOST seconds, whatever the test says.
my $MOST = $ENV{WAIT_AT_MOST} // 9e9;

my %busy;		# by file number: objects with fh, take, put, ...

sub add { my ($object) = @_; $busy{ fileno $object->fh } = $object }
sub drop { my ($object) = @_; delete $busy{ fileno $object->fh } }

# Move bytes once, for $seconds at most.
sub pump {
	my ($seconds) = @_;
	my ($in, $out) = ('', '');

	while (my ($fd, $object) = each %busy) {
		vec($in, $fd, 1) = 1 if $object->wants_input;
		vec($out, $fd, 1) = 1 if $object->wants_output;
	}
	my $ready = select $in, $out, undef, $seconds;
	return if $ready <= 0;
	for my $fd (keys %busy) {
		my $object = $busy{$fd};
		$object->put if $object && vec $out, $fd, 1;
		$object = $busy{$fd};
		$object->take if $object && vec $in, $fd, 1;
	}
}

sub limit { return $LIMIT < $MOST ? $LIMIT : $MOST }

# When a wait that begins now is over.
sub end { return Time::HiRes::time() + limit() }

# Wait until the code returns true; return that, or nothing when the limit has
# passed.  A change that no handle shows (a process has exited) is seen at the
# next tick, given in seconds.  Several waits that share one limit give its end.
sub until_true {
	my ($code, $tick, $end) = @_;

	$end //= end();
	for (;;) {
		my $result = $code->();
		return $result if $result;
		my $left = $end - Time::HiRes::time();
		if ($left <= 0) {
			print STDERR '# nothing has come for ', limit(), " s\n";
			return;
		}
		pump(defined $tick && $tick < $left ? $tick : $left);
	}
}

1;
