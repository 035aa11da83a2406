#!/usr/bin/env perl
#
# Goal: the examples in README.md and chatproto(7) do what the documents say:
# each command of the README runs unchanged, against a server on a free port,
# and each conversation in the manual takes place.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Cwd;
use File::Temp;
use Files qw(slurp);
use Room;
use Test::More;

Room::expects(qr/count left \(killed\)/);

my $here = getcwd;
my $there = File::Temp->newdir;
my $room = Room->start;
my $ear = $room->enter('ear');
my $port = $room->port;

# The command as a shell in an empty directory runs it, with chatc in its
# path; it speaks with this room.
sub run {
	my ($command) = @_;

	$command =~ s/localhost 53000/$room->{host} $port/g;
	$command =~ s/chatserv\.53000/chatserv.$port/g;
	return Chatc->start(program => ['sh', '-c', "cd $there && $command"],
	    env => { PATH => "$here/chatc:$ENV{PATH}", CHATC_PORT => $port,
	    CHATC_HOST => $room->{host} }, '--');
}

sub append {
	my ($name, $line) = @_;

	open my $fh, '>>', "$there/$name" or die "$name: $!\n";
	print $fh "$line\n";
	close $fh;
}

# What each of them does.  One that does not exit is killed with the test.
my %does = (
	'chatc -n alice' => sub {
		my ($run) = @_;
		$run->type("hello\n");
		$ear->sees('<alice> hello', 'chatc talks');
		is($run->end->status, 0, 'and leaves');
	},
	'nc localhost 53000' => sub {
		my ($run) = @_;
		SKIP: {
			skip 'no nc here', 2 if $run->ended;
			$run->type("nick\nhello\n");
			$ear->sees('<nick> hello', 'nc talks too');
			$ear->say('hello, nick');
			$run->shows(qr/^<ear> hello, nick$/m,
			    'and shows the room');
		}
	},
	'tail -f build.log | chatc -n build' => sub {
		append('build.log', 'compiled');
		$ear->sees('<build> compiled', 'a log goes into the room');
	},
	'echo "deploy ok" | chatc -n deploy' => sub {
		my ($run) = @_;
		$ear->sees('<deploy> deploy ok', 'one line is published');
		is($run->status, 0, 'and the exit status says so');
	},
	'chatc -d -n x -l 10 -w 0' => sub {
		my ($run) = @_;
		is($run->status, 0, 'chatc shows the history alone');
		like($run->out, qr/^<deploy> deploy ok$/m, 'and is there');
	},
	'chatc -d -n log -t %T >>talk.log' => sub {
		$ear->say('for the log');
		ok(Wait::until_true(sub {
			slurp("$there/talk.log") =~
			    /^\d\d:\d\d:\d\d <ear> for the log$/m;
		}, 0.05), 'the room goes into a file, with times');
	},
	'chatc -d -n wait -m "deploy (ok|failed)" -w 300' => sub {
		my ($run) = @_;
		$ear->say('deploy failed');
		is($run->status, 0, 'chatc waits until such a message');
	},
	q(chatc -dr -n count | awk -F'\t' '$2 == "msg" { print $3, ++n[$3] }')
	    => sub {
		my ($run) = @_;
		$ear->say('one')->say('two');
		kill 'TERM', $room->session_of('count');
		$run->shows(qr/^ear 1\near 2$/m, 'awk counts messages');
	},
	q(ps -A -o pid,args | grep '[c]hatserv:') => sub {
		my ($run) = @_;
		is($run->status, 0, 'ps shows the room');
		like($run->out, qr/^ *\d+ chatserv: ear \Q$room->{host}\E/m,
		    'and who is in it');
	},
	'strings /dev/shm/chatserv.53000' => sub {
		my ($run) = @_;
		SKIP: {
			skip 'shared memory is no file here', 1
			    if !$room->shared_objects;
			skip 'no strings here', 1
			    if $run->status == 127;
			like($run->out, qr/\tmsg\tear\tone$/m,
			    'strings shows what was said');
		}
	},
);

my $readme = slurp('README.md');
my ($use) = $readme =~ /^## Use\n.*?^```sh\n(.*?)^```$/ms or
    BAIL_OUT('README.md has no examples');
append('build.log', 'begun');
for my $example (split /\n/, $use) {
	my $command = $example =~ s/\s+#\s.*//r;
	my $does = delete $does{$command};
	ok($does, "known: $command") or next;
	my $run = run($command);
	$ear->expect("-- $1 joined") if $command =~ /-n (build|log|wait|count)\b/;
	Wait::until_true(sub { $run->ended || $run->out =~ /your name/ }, 0.05)
	    if $command =~ /^nc/;
	$does->($run);
}
is(join(', ', keys %does), '',
    'README.md has each example that is tested here');

# What the client sends and receives, from the manual's two examples.
my ($examples) = slurp('chatserv/chatproto.7') =~
    /^\.Sh EXAMPLES\n(.*?)^\.Sh /ms;
my @shown = $examples =~ /^\.Bd -literal.*?\n(.*?)^\.Ed$/msg;
is(scalar @shown, 3, 'chatproto(7) has two examples in three displays');

my $quiet = Room->start;
my $bob = $quiet->enter('bob');
my $alice = $quiet->connect;
for my $line (split /\n/, $shown[0]) {
	if ($line =~ /^> (.*)/) {
		$alice->say($1);
		next;
	}
	$bob->say($1) if $line =~ /^<bob> (.*)/;
	$alice->next_is($line, "the first conversation: $line");
}
$alice->ends('it ends there');

# IDs, the token and the address are those of that day.
my $id = qr/(?<!\w)\d{16}(?!\w)/;
sub mask {
	my ($line) = @_;
	$line =~ s/$id/ID/;
	$line =~ s/[0-9a-f]{32}/TOKEN/;
	$line =~ s/(?<!\w)[0-9a-f]{16}(?!\w)/ROOM/;
	$line =~ s/(?:\d+\.){3}\d+/ADDRESS/;
	return $line =~ tr/|/\t/r;
}

$alice = $quiet->enter('alice', tsv => 1);
my ($token) = $alice->{entry}[0] =~ /([0-9a-f]{32})/;
my ($last) = $alice->say('until here')->expect(qr/\tmsg\t/) =~ /($id)/;
my $same_room = $alice->{room};
$alice->reset;
$bob->expect('-- alice left (connection lost)');
$bob->say('are you there?');
$bob->expect('<bob> are you there?');
$alice = $quiet->connect;
for my $line (split /\n/, $shown[1]) {
	$line =~ s/$id/$last/;
	$line =~ s/[0-9a-f]{32}/$token/;
	$line =~ s/ \K[0-9a-f]{16}\z/$same_room/;
	$alice->say($line);
}
for my $line (split /\n/, $shown[2]) {
	is(mask($alice->line), mask($line), "the second conversation: $line");
}

$quiet->stop;
$room->stop;
done_testing();
