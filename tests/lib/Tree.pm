# A copy of this tree, in which a test breaks something to see what notices.
#
# The copy contains what is built here, so that make has to rebuild only what
# depends on the broken file.  The copy is removed with its object.

package Tree;

use strict;
use warnings;
use File::Temp;
use POSIX ();
use Time::HiRes ();

my $GRACE = 10;		# seconds from SIGTERM to SIGKILL

# A copy of this tree, or of a copy.
sub copy {
	my ($it) = @_;

	my $dir = File::Temp->newdir('chatserv.XXXXXX', TMPDIR => 1);
	chmod 0755, "$dir";	# whoever tests become looks into it
	fill("$dir", ref $it ? $it->dir : '.');
	return bless { dir => $dir }, ref $it || $it;
}

# A copy of this tree that stays, in a folder that copy_to() makes anew.
sub copy_to {
	my ($class, $dir) = @_;

	system('rm', '-rf', $dir) == 0 && mkdir $dir or die "$dir: $!\n";
	fill($dir, '.');
	return $class->at($dir);
}

# One that is there.
sub at {
	my ($class, $dir) = @_;
	return bless { dir => $dir }, $class;
}

sub fill {
	my ($dir, $from) = @_;

	my @top = grep { !m{/\.(?:\.?|git|fault|fuzz|mutants)$} }
	    glob "$from/{.*,*}";
	system('cp', '-Rp', @top, $dir) == 0 or die "cannot copy the tree\n";
}

sub dir { "$_[0]{dir}" }

# Run a command in the copy: its status as in $?, and what it printed.
sub run {
	my ($self, @command) = @_;
	return $self->run_for(0, @command);
}

# The same, but kill it after so many seconds: then the status is undef.
sub run_for {
	my ($self, $seconds, @command) = @_;

	my $out = File::Temp->new;
	defined(my $pid = fork) or die "fork: $!\n";
	if ($pid == 0) {
		setpgrp 0, 0;
		chdir $self->dir or POSIX::_exit(127);
		delete @ENV{grep { /^MAKE(?:FLAGS|LEVEL)$|^MFLAGS$/ } keys %ENV};
		open STDIN, '<', '/dev/null';
		open STDOUT, '>&', $out;
		open STDERR, '>&', $out;
		exec { $command[0] } @command or POSIX::_exit(127);
	}
	my $status = outlive($pid, $seconds);
	open my $fh, '<', $out->filename or die "$out: $!\n";
	local $/;
	return ($status, scalar <$fh>);
}

# Wait for the process, not longer than that many seconds if not 0.
sub outlive {
	my ($pid, $seconds) = @_;

	local $SIG{ALRM} = sub { die "alarm\n" };
	my $status = eval {
		Time::HiRes::alarm($seconds);
		waitpid $pid, 0;
		Time::HiRes::alarm(0);
		$?;
	};
	return $status if defined $status;
	end($pid);
	return;
}

# End a process that has its own group.
sub end {
	my ($pid) = @_;

	local $SIG{ALRM} = sub { die "alarm\n" };
	# A process that changed its group gets the signal, too.
	kill 'TERM', -$pid, $pid;
	if (!eval { alarm $GRACE; waitpid $pid, 0; alarm 0; 1 }) {
		kill 'KILL', -$pid, $pid;
		waitpid $pid, 0;
	}
	kill 'KILL', -$pid;
}

# Build these, or die of any message of the compiler, even a warning.
sub make {
	my ($self, @goals) = @_;

	my ($status, $out) = $self->run($ENV{MAKE} // 'make', '-s', @goals);
	die "@goals cannot be built:\n$out" if $status != 0 || $out ne '';
}

# Build whatever these tests run, and return what that is.
sub make_for {
	my ($self, @tests) = @_;

	my ($status, $needs) = $self->run('tests/needs', @tests);
	die "tests/needs: $needs" if $status != 0;
	my @needs = split ' ', $needs;
	$self->make(@needs);
	return @needs;
}

# Run a test: 'passes', 'fails', or 'does not end' in so many seconds, and
# what it printed.
sub test {
	my ($self, $seconds, $test) = @_;

	my ($status, $out) = $self->run_for($seconds,
	    $test =~ /\.t$/ ? ($^X, $test) : $test);
	return (!defined $status ? 'does not end' :
	    $status == 0 ? 'passes' : 'fails', $out);
}

# The same, but the test is ended once an assertion fails whose name has this
# text.
sub test_for_failure {
	my ($self, $seconds, $test, $text) = @_;
	my $out = '';

	my @command = $test =~ /\.t$/ ? ($^X, $test) : $test;
	my $pid = open(my $fh, '-|') // die "fork: $!\n";
	if ($pid == 0) {
		setpgrp 0, 0;
		chdir $self->dir or POSIX::_exit(127);
		open STDIN, '<', '/dev/null';
		open STDERR, '>&', \*STDOUT;
		exec { $command[0] } @command or POSIX::_exit(127);
	}
	local $SIG{ALRM} = sub { die "alarm\n" };
	my $result = eval {
		alarm $seconds;
		while (<$fh>) {
			$out .= $_;
			last if /^not ok \d+ - (.*)/ && index($1, $text) >= 0;
		}
		alarm 0;
		defined $_ ? 'fails' : '';
	} // 'does not end';
	end($pid) if $result ne '';
	close $fh;
	return ($result || ($? == 0 ? 'passes' : 'fails'), $out);
}

1;
