#!/usr/bin/env perl
#
# Goal: the examples of chatc(1) run as they stand there, except for the
# places.  (480-chatc-transport.t runs those that need more than a room.)

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Cwd;
use File::Temp;
use Manual;
use Room;
use Test::More;

Room::expects(qr/me left \(killed\)/);

my $room = Room->start;
my $ann = $room->enter('ann', tsv => 1);
my $dir = File::Temp->newdir;
my $home = getcwd;
mkdir "$dir/bin" or die;
symlink $ENV{CHATC} // "$home/chatc/chatc", "$dir/bin/chatc" or die;
my %env = (PATH => "$dir/bin:$ENV{PATH}", CHATC_HOST => $room->{host},
    CHATC_PORT => $room->{port}, CHATC_NAME => 'me');
my %tried;

# Start the one example that matches, in a shell.
sub try {
	my ($wanted, %instead) = @_;

	my $example = Manual::example('chatc/chatc.1', $wanted);
	$tried{$example}++;
	$example = Manual::example('chatc/chatc.1', $wanted, %instead);
	return Chatc->start(env => \%env, program => ['sh', '-c', "cd $dir; " .
	    $example], '--');
}

sub enters { my ($name) = @_; return $ann->expect(qr/\tjoin\t$name\t/) }

$ann->say("talk $_") for 1 .. 30;
$ann->until_now;
my $chatc = try(qr/chatc -l 20$/)->end;
is($chatc->status, 0, 'chatc -l 20');
is(join(' ', $chatc->out =~ /<ann> talk (\d+)/g), join(' ', 11 .. 30),
    'shows the last twenty messages');

$chatc = try(qr/backup done/, 'room.example.org' => '127.0.0.1');
$ann->expect(qr/\tmsg\tcron\*\tbackup done/);
is($chatc->status, 0, 'a script says something');
is($chatc->out, '', 'in silence, and knows that it was published');
$chatc = try(qr/backup done/, 'room.example.org' => '127.0.0.1 1');
$chatc->shows(qr/^failed$/m, 'or that it was not');

open my $log, '>>', "$dir/log" or die;
$log->autoflush;
$chatc = try(qr/tail -n 0 -f/, '/var/log/messages' => "$dir/log");
enters('log');
# tail follows only what is written after its start: write it until it does.
my $heard = Wait::until_true(sub {
	print $log "something happened\n";
	grep { /\tmsg\tlog\tsomething happened/ } $ann->until_now;
}, 0.05);
ok($heard, 'a log is followed');
kill 'TERM', -$chatc->pid;
$ann->expect(qr/\tleave\tlog\t/);

$chatc = try(qr/grep alarm/);
enters('me');
$ann->say('all is well')->say('alarm!')->until_now;
kill 'TERM', $room->session_of('me');
$chatc->shows(qr/\A<ann> alarm!\n\z/, 'grep sees what it looks for');
$ann->expect(qr/\tleave\tme\t/);

$chatc = try(qr/uniq -c/, '-C 100' => '-C 3');
enters('me');
$ann->say($_) for 1 .. 3;
$chatc->shows(qr/^ *3 ann$/m, 'cut, sort and uniq can count');
$chatc->status;
$ann->expect(qr/\tleave\tme\t/);

# (Where two examples belong together, they are told apart.)
$env{RUN} = '4711';
my @waiting = map { try(qr/-m "\^run/, 'room.example.org' => '127.0.0.1') } 1, 2;
enters("me");
is(try(qr/-M "run/, 'room.example.org' => '127.0.0.1')->status, 0,
    'a run is done');
push @waiting, try(qr/-m "\^run/, 'room.example.org' => '127.0.0.1');
$_->shows(qr/^go on$/m, 'a client that waits for it continues'), $_->status
    for @waiting;
$ann->until_now;

$chatc = try(qr/who has the key/);
$ann->expect(qr/\tmsg\tporter\twho has the key\?/);
$ann->say('I have');
is($chatc->status, 0, 'a question gets its answer');
is($chatc->out, "<porter> who has the key?\n<ann> I have\n", 'and shows it');

$chatc = try(qr/says:/);
enters('me');
my $odd = 'a  line\t\ of "text"';
$ann->say($odd);
$chatc->shows(qr/^ann says: \Q$odd\E$/m,
    'the shell splits a message');
kill 'TERM', -$chatc->pid;
$ann->expect(qr/\tleave\tme\t/);

is(try(qr/mkfifo/)->end->status, 0, 'a named pipe is made');
$chatc = try(qr/bot <loop/);
enters('bot');
$ann->say('ping')->sees(qr/\tmsg\tbot\tpong/, 'a bot answers');
kill 'TERM', -$chatc->pid;

# Every page with examples shows the same, whoever sets it, and none of it is
# wrapped.  man(1) runs one of the others, and shows one page for all.
my ($first, @others) = Manual::renderers();
for my $path (glob '*/*.[1-8] */*/*.[1-8]') {
	open my $source, '<', $path or die;
	my ($mdoc) = join('', <$source>) =~ /^\.Sh EXAMPLES\n(.*?)^\.Sh /ms or
	    next;
	my @wanted = Manual::examples($path, $first);
	is_deeply([Manual::examples($path, $_)], \@wanted,
	    "$_ and $first show the same examples of $path")
	    for grep { $_ ne 'man' || $path eq 'chatc/chatc.1' } @others;
	my @lines = map { s/^\.Dl //r =~ s/\\e/\\/gr =~ s/\\\(dq/"/gr =~
	    s/\\\(aq/'/gr } $mdoc =~ /^((?:\.Dl )?\$ .*)/mg;
	is(join("\n", map { s/\n.*//sr } grep {/^\$/} @wanted), join("\n", @lines),
	    "and those are what $path says");
}

my @elsewhere = (qr/-u .*chat\.sock/, qr/^\$ ssh -t/, qr/socat/, qr/s_client/);
my @untried = grep {
	my $example = s/^\$ //r;
	!$tried{$example} && !grep { $example =~ $_ || "\$ $example" =~ $_ }
	    @elsewhere, qr/ssh .* nc -U/;
} Manual::examples('chatc/chatc.1');
is("@untried", '', 'no example of the manual is untried');

$room->stop;
done_testing();
