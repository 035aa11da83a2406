# The mutants of this tree: each is the tree with one broken site of ipc/ or
# chatserv/ (Sites.pm), and the tests that reach the site either catch it or do
# not.
#
# A worker has a copy of the tree in which everything is built, breaks one file
# at a time there, and makes only its object and the programs that the next
# test needs.  If the system has unshare(1) and permits it, tests run in a
# process and mount namespace of their own: a mutant may signal any process,
# and leaves nothing.

package Mutants;

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use File::Basename qw(basename);
use Files qw(slurp);
use Time::HiRes ();
use Sites;
use Tree;

our $EQUIVALENT = 'tests/mutants/equivalent';
our $WAIT = 9;		# seconds, of each wait of a scenario
my $LIMIT = 20;		# seconds, of a test that usually takes less

# How this tree is built, from the environment: make mutants sets it.
my %how = map { $_ => $ENV{"MUTANTS_$_"} // '' }
    qw(COMPILE LINK TEST_LIBS LIBS SERVER CLIENT IPC LINES VIEWER);

sub write_file {
	my ($file, $text) = @_;
	open my $fh, '>', $file or die "$file: $!\n";
	print {$fh} $text;
	close $fh or die "$file: $!\n";
}

# The files to break, and the tests that may notice: not those that read the
# sources, install the programs, or rebuild production.
sub sources { return sort split ' ', `find ipc chatserv -name '*.c'` }

sub tests {
	return ((map { s/\.c$//r } sort glob 'tests/unit/*.c tests/fuzz/*.c'),
	    grep { !m{/(?:8(?!20)|9)\d\d-} &&
	    `tests/needs $_` !~ m{^tests/schedule/}m } sort glob 'tests/*.t');
}

# All sites, numbered, each with its file and a key that stays the same when
# other lines change.
sub sites {
	my @all;

	for my $file (sources()) {
		my $text = slurp($file);
		for my $site (Sites::of($text)) {
			push @all, { %$site, file => $file,
			    number => scalar(@all),
			    key => join(' ', basename($file) . ':' .
			    $site->{function}, @$site{qw(kind text)}) };
		}
	}
	return @all;
}

# A digest of everything on which a mutant's outcome depends.
sub digest_of_tree {
	return md5_hex(join '', map { slurp($_) } sources(),
	    sort split ' ', `find tests -name '*.t' -o -name '*.pm' -o \\
	    -name '*.c' -o -name '*.h'`);
}

# The mutants that do the same as the original: key => reason.
sub equivalents {
	my %reason;

	for (split /\n/, slurp($EQUIVALENT)) {
		next if /^#|^\s*$/;
		my ($key, $reason) = split /\t+/, $_, 2;
		$reason{$key} = $reason // '';
	}
	return %reason;
}

my $private;

# The command, in namespaces of its own if possible.  Their first process is a
# shell, which adopts all orphans.
sub alone {
	my ($dir, @command) = @_;

	$private //= system('unshare --pid --fork --mount --mount-proc ' .
	    'true >/dev/null 2>&1') == 0;
	return @command if !$private;
	return ('unshare', qw(--pid --fork --kill-child --mount --mount-proc),
	    'sh', '-c', 'mount -t tmpfs tmpfs /dev/shm && "$@"; exit $?', 'sh',
	    @command);
}

# Run one test in a copy: passes, fails, waits (in vain, and failed) or does
# not end; and the seconds that it took.
sub run_test {
	my ($tree, $test, $limit, $wait) = @_;

	my $tmp = $tree->dir . '/tmp';
	system 'rm', '-rf', $tmp;
	mkdir $tmp;
	chmod 01777, $tmp;
	local %ENV = (%ENV, TMPDIR => $tmp, WAIT_AT_MOST => $wait);
	my $begun = Time::HiRes::time();
	my ($status, $out) = $tree->run_for($limit, alone($tree->dir,
	    $test =~ /\.t$/ ? ($^X, $test) : "./$test"));
	my $took = Time::HiRes::time() - $begun;
	return ('does not end', $took) if !defined $status;
	return ('passes', $took) if $status == 0;
	return ($out =~ /^# nothing has come for|somebody waits for ever/m ?
	    'waits' : 'fails', $took);
}

# A copy of the tree in which each site reports that it is reached.
sub watched_tree {
	my (@sites) = @_;
	my %of;

	my $tree = Tree->copy;
	push @{ $of{ $_->{file} } }, $_ for @sites;
	for my $file (sort keys %of) {
		write_file($tree->dir . "/$file",
		    Sites::watch(slurp($file), @{ $of{$file} }));
	}
	local $ENV{CPPFLAGS} = ($ENV{CPPFLAGS} // '') . ' -include ' .
	    'tests/mutants/reached.h -w -DSITES=' . scalar @sites;
	$tree->make(programs(tests()));
	return $tree;
}

# The sites that each of these tests reaches, and how long it takes in the
# unchanged tree: test => [seconds, string of one byte a site].  Leaves out tests
# that fail.
sub reach {
	my ($watched, $tests, $sites) = @_;
	my %reach;

	my $tree = $watched->copy;
	my $map = $tree->dir . '/reached';
	for my $test (@$tests) {
		write_file($map, "\0" x $sites);
		chmod 0666, $map;
		my ($result, $took) = run_test($tree, $test, 300, $WAIT);
		if ($result eq 'passes') {
			$reach{$test} = [$took, slurp($map)];
		} else {
			print STDERR "$test $result in the unchanged tree\n";
		}
	}
	return \%reach;
}

sub programs {
	my (@tests) = @_;
	my %seen;

	return grep { !$seen{$_}++ } 'chatserv/chatserv', 'chatc/chatc',
	    'contrib/chatstat/chatstat', 'tests/unit/objects.a',
	    split ' ', `tests/needs @tests`;
}

# A copy of the tree, built.  It keeps the objects of the tests' programs, too,
# to link them again.
sub built_tree {
	my (@tests) = @_;
	my @programs = programs(@tests);

	my $tree = Tree->copy;
	$tree->make(@programs);
	for my $program (grep { is_linked($_) } @programs) {
		$tree->run('sh', '-c',
		    "$how{COMPILE} -c -o $program.test.o $program.c");
	}
	return $tree;
}

# Whether a program of the tests holds objects of production.
sub is_linked { return -e "$_[0].c" && $_[0] =~ m{^tests/(?!bench/)} }

sub worker {
	my ($class, $built) = @_;
	return bless { built => $built, tree => $built->copy }, $class;
}

# How to link a program again after one object changed.
sub link_command {
	my ($self, $program) = @_;

	return "$how{LINK} -o $program $how{SERVER} $how{IPC} $how{LIBS}"
	    if $program eq 'chatserv/chatserv';
	return "$how{LINK} -o $program $how{CLIENT} $how{LINES} $how{LIBS}"
	    if $program eq 'chatc/chatc';
	return "$how{LINK} -o $program $how{VIEWER} $how{IPC} $how{LIBS}"
	    if $program eq 'contrib/chatstat/chatstat';
	return "$how{LINK} -o $program $program.test.o tests/unit/objects.a "
	    . $how{TEST_LIBS} if is_linked($program);
	return;
}

# The programs that this test needs, with the object that changed.
sub relink {
	my ($self, $test) = @_;

	$self->{needs}{$test} //= [split ' ', `tests/needs $test`];
	for my $program (@{ $self->{needs}{$test} }) {
		next if $self->{fresh}{$program}++;
		my $command = $self->link_command($program) // next;
		my ($status) = $self->{tree}->run('sh', '-c', $command);
		return 0 if $status != 0;
	}
	return 1;
}

# Whether a failure is more than slowness: it repeats, and the unchanged tree
# passes in a third of the time.
sub is_real {
	my ($self, $test, $limit) = @_;

	my ($again) = run_test($self->{tree}, $test, $limit, $WAIT);
	return 0 if $again eq 'passes';
	$self->{control} //= $self->{built}->copy;
	my ($result) = run_test($self->{control}, $test, $limit / 3,
	    $WAIT / 3);
	return $result eq 'passes';
}

# Try one mutant on these tests, in their order, as long as there are seconds
# for it: the outcome, and which test caught it.
sub try {
	my ($self, $site, $reach, $seconds, @tests) = @_;
	my $dir = $self->{tree}->dir;
	my $object = $site->{file} =~ s/\.c$/.o/r;
	my $text = slurp($site->{file});
	my ($outcome, $by) = ('survives', '-');

	write_file("$dir/$site->{file}", Sites::break($text, $site));
	rename "$dir/$object", "$dir/$object.good";
	$self->{fresh} = {};
	my ($status) = $self->{tree}->run('sh', '-c', "$how{COMPILE} -w -c "
	    . "-o $object $site->{file} && { case $object in */main.o) ;; "
	    . "*) ar -r tests/unit/objects.a $object ;; esac; }");
	$outcome = 'not C' if $status != 0;
	for my $test ($status == 0 ? @tests : ()) {
		my $usual = $reach->{$test}[0];
		next if $usual > $seconds;
		$seconds -= $usual;
		my $limit = 3 * $usual > $LIMIT ? 3 * $usual : $LIMIT;
		if (!$self->relink($test)) {
			$outcome = 'not C';
			last;
		}
		my ($result) = run_test($self->{tree}, $test, $limit, $WAIT);
		next if $result eq 'passes' || $result ne 'fails' &&
		    !$self->is_real($test, $limit);
		($outcome, $by) = ($result, $test);
		last;
	}
	rename "$dir/$object.good", "$dir/$object";
	write_file("$dir/$site->{file}", $text);
	$self->{tree}->run('ar', '-r', 'tests/unit/objects.a', $object)
	    if basename($object) ne 'main.o';
	return ($outcome, $by);
}

1;
