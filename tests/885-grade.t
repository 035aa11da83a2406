# Goal: what a test that was handed in says counts only if it is whole, and
# what somebody else's program does harms nobody and leaves nothing.
# tests/chaos/grade.t grades whole solutions, and cheats.

use strict;
use warnings;
use lib 'tests/lib', 'contrib/course/lib';
use File::Temp;
use POSIX ();
use Sandbox;
use Test::More;
use Verdict;

# ---- what a test says ----

is(Verdict::shows("# Goal: x\n# Shows: no zombie stays\n"), 'no zombie stays',
    'a test names its assertion');
is(Verdict::shows("/*\n * Shows: all is well\n */\n"), 'all is well',
    'in C too');
is(Verdict::shows("1;\n" x 40 . "# Shows: x\n"), undef, 'but at its head');

my $good = "ok 1 - a\nok 2 - b\n1..2\n";
my $bad = "ok 1 - a\nnot ok 2 - b\n# got\n1..2\n";
is(Verdict::of('b', $good, 0), 'holds', 'it passes');
is(Verdict::of('b', $bad, 1 << 8), 'fails', 'or fails');
is(Verdict::of('b', "ok 1 - a\nnot ok 2 - b\n", 255 << 8), 'fails',
    'and may end there');
my @worthless = (
	['what it prints by hand' => 'ok', 0],
	['ok without a test' => "ok\n1..1\n", 0],
	['no output' => '', 0],
	['an early end' => "ok 1 - a\nok 2 - b\n", 0],
	['fewer tests than planned' => "1..3\nok 1 - a\nok 2 - b\n", 0],
	['a second plan' => "$good$good", 0],
	['tests of a child that prints too' => "ok 1 - b\nok 1 - b\n1..2\n", 0],
	['an exit status that disagrees' => $good, 1 << 8],
	['a failure that exits with 0' => $bad, 0],
	['a test that is skipped' => "ok 1 - b # SKIP x\n1..1\n", 0],
	['a failure that is excused' => "not ok 1 - b # TODO x\n1..1\n", 0],
	['another assertion that fails' => "not ok 1 - a\nnot ok 2 - b\n1..2\n",
	    2 << 8],
	['a signal' => "not ok 1 - b\n", 9],
	['a time-out' => "not ok 1 - b\n", undef],
	['Bail out!' => "ok 1 - b\nBail out! no\n1..1\n", 0],
);
for (@worthless) {
	my ($name, $text, $status) = @$_;
	unlike(Verdict::of('b', $text, $status), qr/^(?:holds|fails)$/,
	    "$name counts for nothing");
}

# ---- where it runs ----

# As an ordinary user.
if ($> == 0) {
	my ($uid, $gid) = (getpwnam 'daemon')[2, 3];
	if (!$uid) {
		note 'there is no user daemon';
		done_testing();
		exit 0;
	}
	$) = "$gid $gid";
	$( = $gid;
	POSIX::setuid($uid);
	$ENV{TMPDIR} = '/tmp';
}

SKIP: {
	my $schedule = 'tests/schedule/schedule';
	skip 'the scheduler is written for Linux', 1 if !-x $schedule;
	is(system("$schedule -n 20 copy >/dev/null"), 0,
	    "lab 10's scheduler runs for an ordinary user");
}

# Whether any process waits to be killed: it has this word in its arguments.
my $word = "sandboxed$$";
sub remains { return scalar grep {/\Q$word\E/} `ps -A -o args=` }

for my $plain (0, 1) {
	local $ENV{GRADE_PLAIN} = $plain;
	Sandbox::forget();
	SKIP: {
		skip 'there are no namespaces for users', 8
		    if !$plain && !Sandbox::has_namespaces();
		my $how = $plain ? 'without namespaces' : 'with namespaces';
		my $box = Sandbox->new;
		my $end = $plain ? '-$$' : '-1';
		my $shm = "/dev/shm/$word.$plain";
		my @left = ('sh', '-c', 'setsid perl -e ' .
		    "'sleep 1000 #$word' & trap '' TERM; kill -TERM 0; " .
		    "echo x >$shm; env; sleep 1000 #$word");

		$ENV{FAULT} = 'secret';
		$box->start(@left);
		is($box->status(0.5), undef, "$how a program that hangs is seen to");
		unlike($box->printed('out'), qr/secret|FAULT|MAKE/,
		    'it is not told what it runs on');
		$box->end;
		is(remains(), 0, 'nothing of it stays');
		ok(!-e $shm, 'nor a shared object');
		ok(!-e $box->dir, 'nor a file');

		$box = Sandbox->new;
		$box->start('sh', '-c', "kill -KILL $end 0; exit 0");
		ok($box->status(10), 'one that kills whomever it can kills itself');
		$box->end;

		$box = Sandbox->new;
		$box->start('sh', '-c', "cd / && perl -e 'sleep 1000 #$word' &");
		is($box->status(10), 0, 'one that ends leaves a process');
		$box->end;
		is(remains(), 0, 'which is ended too');
	}
}
done_testing();
