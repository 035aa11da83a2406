#!/usr/bin/env perl
#
# make grade gives a whole solution full marks, and none to one that is empty or
# wrong, hangs, or cheats: that prints "ok", ends early, looks for the fault in
# its environment or its tree, changes the tree, kills what it can, or leaves a
# process behind.  The solution is that of lab 1; those of other labs remain
# with their authors.

use strict;
use warnings;
use File::Temp;
use POSIX ();
use lib 'tests/lib', 'contrib/course/lib';
use Sandbox;
use Test::More;
use Tree;

# Root becomes an ordinary user.
if ($> == 0) {
	my ($uid, $gid) = (getpwnam 'daemon')[2, 3];
	plan skip_all => 'there is no user daemon' if !$uid;
	$) = "$gid $gid";
	$( = $gid;
	POSIX::setuid($uid);
	$ENV{HOME} = '/';
}
my $word = "graded$$";
my $dir = File::Temp->newdir('graded.XXXXXX', DIR => '/tmp');
mkdir "$dir/tmp" or die "$dir: $!\n";
$ENV{TMPDIR} = "$dir/tmp";

my $head = <<'END';
# Shows: no zombie stays
use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;
END
my $right = $head . <<'END';
my $room = Room->start;
my $alice = $room->enter('alice');
my @burst = map { $room->connect } 1 .. 30;
$_->expect(qr/name/) for @burst;
# While the parent is stopped, all their deaths become one signal.
$room->signal('STOP');
$_->reset for @burst;
Wait::until_true(sub {
	30 == grep { $_->{state} =~ /^Z/ } $room->children;
}, 0.05);
$room->signal('CONT');
$room->eventually(sub { !$room->zombies }, 'no zombie stays');
$room->stop;
done_testing();
END

# The output by which a cheat passes or fails.
my $ok = 'print "ok 1 - no zombie stays\n1..1\n"; exit 0';
my $not_ok = 'print "not ok 1 - no zombie stays\n1..1\n"; exit 1';
my %worthless = (
	'an empty test' => '',
	'a test that names nothing' => $right =~ s/# Shows.*\n//r,
	'one that always passes' => "$head$ok;",
	'one that always fails' => "$head$not_ok;",
	'one that fails at chance' => "${head}if (rand() < 0.5) { $ok } $not_ok;",
	'one that prints only ok' => "${head}print qq(ok\\n);",
	'one that hangs' => "${head}\$| = 1; print " .
	    '"not ok 1 - no zombie stays\n"; sleep 1000;',
	'one that ends before its plan' =>
	    "${head}print qq(ok 1 - no zombie stays\\n); exit 0;",
	'one that looks into its environment' => "${head}if (grep " .
	    "{/wait|zombie|fault|01/i} %ENV) { $not_ok } $ok;",
	'one that looks for the patch and the source' => $head .
	    'if (`grep -rl "if ((pid = waitpid" . 2>/dev/null`) ' .
	    "{ $not_ok } $ok;",
	'one that compares programs' => $head . <<"END",
use Digest::SHA;
my \$sum = Digest::SHA->new(1)->addfile('chatserv/chatserv')->hexdigest;
if (\$sum =~ /^[0-7]/) { $not_ok } $ok;
END
	'one that looks who started it' => "${head}if (`ps -A -o args` =~ " .
	    "/grade.*one-wait|faults/) { $not_ok } $ok;",
	'one that kills its group and all others' => $head .
	    "kill 'KILL', -1, 0, getppid; $ok;",
	'one that leaves a process' => $head . 'if (fork == 0) { setpgrp; ' .
	    "exec 'perl', '-e', 'sleep 1000 #$word' } $ok;",
	'one that changes its copy' => $head . <<'END' . "$ok;",
for (glob 'tests/lib/*.pm chatserv/*') {
	unlink;
	open my $fh, '>', $_ and print $fh "exit 0;\n";
}
END
);

# The score of a folder with these files, and the output of the grader, of this
# tree or another.
our $tree = '.';
sub score {
	my (%files) = @_;
	my $work = File::Temp->newdir(DIR => "$dir");

	for my $name (keys %files) {
		open my $fh, '>', "$work/$name" or die "$name: $!\n";
		print $fh $files{$name};
		close $fh;
	}
	my $out = `$tree/contrib/course/grade -t 30 1 $work 2>&1`;
	return ($out =~ /^score (\d+) of 100$/m ? $1 : undef, $out);
}

sub scores {
	my ($points, $name, %files) = @_;
	my ($score, $out) = score(%files);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($score, $points, "$name scores $points") or diag($out);
	note $out;
}

my $server = do {
	local (@ARGV, $/) = 'contrib/course/ladder/2-fork.c';
	<>;
};

# This one ends its children at SIGTERM before itself.
my $whole = $server =~ s/static void __attribute/<<'END' . $&/er =~
static volatile sig_atomic_t stopping;

static void
stop(int sig)
{
	(void)sig;
	stopping = 1;
}

END
    s/(\tint\t*fd, listener.*)/$1\n\tstruct sigaction\tterm = { .sa_handler = stop };/r =~
    s/(\t\(void\)sigaction.SIGCHLD.*)/$1\n\t(void)sigaction(SIGTERM, &term, NULL);/r =~
    s/for \(;;\) \{/while (!stopping) {/r =~
    s/(\t\t\t)(\(void\)close.listener.;)/$1(void)signal(SIGTERM, SIG_DFL);\n$1$2/r =~
    s/\t\t\(void\)close\(fd\);\n\t\}\n\}\n\z/<<'END'/er;
		(void)close(fd);
	}
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)kill(0, SIGTERM);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	return 0;
}
END

scores(100, 'a whole solution', 'test.t' => $right, 'server.c' => $whole);
scores(60, 'a right test alone', 'test.t' => $right);
scores(0, 'nothing');
scores(0, 'a server that is no C', 'server.c' => 'int main(');
scores(0, 'a server that says it is well', 'server.c' =>
    '#include <stdio.h>' . "\nint main(void)\n{\n" .
    'for (int i = 1; i < 9; i++) printf("ok %d - x\n", i);' . "\n}\n");
scores(0, 'a server that hangs', 'server.c' => "#include <unistd.h>\n" .
    "int main(void)\n{\nfor (;;) pause();\n}\n");
scores(0, 'a server that kills whom it can', 'server.c' =>
    "#include <signal.h>\n#include <unistd.h>\n" .
    "int main(void)\n{\nkill(getppid(), SIGKILL);\nkill(-1, SIGKILL);\n}\n")
    if Sandbox::has_namespaces();
for my $name (sort keys %worthless) {
	scores(0, $name, 'test.t' => $worthless{$name});
}
{
	local $ENV{GRADE_PLAIN} = 1;
	scores(100, 'without namespaces a whole solution', 'test.t' => $right,
	    'server.c' => $whole);
}

# In a tree that the student may write to, and does.
{
	my $own = Tree->copy;
	local $tree = $own->dir;
	my ($score, $out) = score('test.t' => "${head}open my \$fh, '>>', '" .
	    "$tree/tests/lib/Room.pm'; print \$fh \"# changed\\n\"; $ok;");

	is($score, undef, 'a test that changes the tree has no score');
	like($out, qr/tree was changed/, 'and the output says so');
}
is(scalar(grep {/\Q$word\E/} `ps -A -o args=`), 0, 'no process is left');
is(join(' ', glob "$dir/tmp/*"), '', 'nor a file');
done_testing();
