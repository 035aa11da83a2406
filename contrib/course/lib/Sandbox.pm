# A place to run another author's program, of which nothing stays.
#
# It has its own folder, a minimal environment and a process group; if the
# system lets an ordinary user create namespaces, also its own processes and
# /dev/shm.  So it cannot see or kill the process that watches it, and all of it
# ends at once.  Without namespaces (unshare(1) is missing, or $GRADE_PLAIN is set), a
# process that has left the group is found by its program or its folder.

package Sandbox;

use strict;
use warnings;
use File::Temp;
use POSIX ();
use Time::HiRes qw(sleep time);

my $MOST = 1 << 20;	# bytes of output that are read
my @all;

# The inner namespace maps the user back, or a server would think that it was
# started by root.
my $enter = 'mount -t tmpfs tmpfs /dev/shm && ulimit -f 200000 && ' .
    'exec unshare -U --map-user="$0" --map-group="$1" -- sh -c ' .
    q('"$@" & wait $!' "$@");
my @unshare = qw(unshare -r -p -f -m -i --kill-child --mount-proc sh -c);

my $can;
sub forget { undef $can }	# for a test, which tries both

sub has_namespaces {
	return $can //= !$ENV{GRADE_PLAIN} && $> != 0 &&
	    system("@unshare 'mount -t tmpfs tmpfs /dev/shm && " .
	    "unshare -U --map-user=$> true' >/dev/null 2>&1") == 0;
}

sub new {
	my ($class) = @_;
	my $dir = File::Temp::tempdir('run.XXXXXXXX', TMPDIR => 1);

	mkdir "$dir/tmp" or die "$dir: $!\n";
	my $self = bless { dir => $dir, owner => $$, shm => { shm() } },
	    $class;
	push @all, $self;
	return $self;
}

sub dir { $_[0]{dir} }

# A command that runs the program in namespaces, if there are any.
sub wrapped {
	my (@command) = @_;
	my ($gid) = split ' ', $);

	return @command if !has_namespaces();
	return (@unshare, $enter, $>, $gid, @command);
}

# The same for a shell that has no other place than ours: it goes there first.
sub for_shell {
	my ($self, @command) = @_;

	return join ' ', 'cd', $self->{dir}, '&& exec', map {
		"'" . s/'/'\\''/gr . "'"
	} wrapped(@command);
}

# Start the program there; what it prints goes into the files out and err.
sub start {
	my ($self, @command) = @_;

	@command = wrapped(@command);
	defined(my $pid = fork) or die "fork: $!\n";
	if ($pid == 0) {
		POSIX::setsid();
		chdir $self->{dir} or POSIX::_exit(127);
		%ENV = (PATH => '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
		    HOME => $self->{dir}, TMPDIR => "$self->{dir}/tmp",
		    WAIT_AT_MOST => 30);
		$SIG{$_} = 'DEFAULT' for keys %SIG;
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$self->{dir}/out";
		open STDERR, '>', "$self->{dir}/err";
		exec { $command[0] } @command or POSIX::_exit(127);
	}
	$self->{pid} = $pid;
	return $self;
}

# Its status as in $?, or nothing if it does not end in so many seconds.
sub status {
	my ($self, $seconds) = @_;
	my $end = time + $seconds;

	for (;;) {
		if (waitpid($self->{pid}, POSIX::WNOHANG()) == $self->{pid}) {
			my $status = $?;
			# Its number stays that of the group as long as any
			# process of the group is left.
			kill 'KILL', -delete $self->{pid};
			return $status;
		}
		return if time >= $end;
		sleep 0.02;
	}
}

# What it has printed, to 'out' or 'err'.
sub printed {
	my ($self, $where) = @_;

	open my $fh, '<', "$self->{dir}/$where" or return '';
	read $fh, my ($text), $MOST;
	return $text // '';
}

# The process that runs a program of this folder, and no child of such a one.
sub server {
	my ($self, $program) = @_;
	my %parent;

	for my $pid (map {/(\d+)/} glob '/proc/[0-9]*') {
		my $exe = readlink("/proc/$pid/exe") // '';
		next if $exe ne "$self->{dir}/$program";
		open my $fh, '<', "/proc/$pid/stat" or next;
		$parent{$pid} = (split ' ', <$fh> =~ s/.*\) //r)[1];
	}
	my ($first) = grep { !exists $parent{$parent{$_}} } keys %parent;
	return $first;
}

sub shm { return map { $_ => 1 } grep {-O} glob '/dev/shm/*' }

# The processes that are still there though their group is not.
sub stragglers {
	my ($self) = @_;

	return grep {
		my $pid = $_;
		grep { (readlink("/proc/$pid/$_") // '') =~
		    m{^\Q$self->{dir}\E(?:/|$)} } qw(exe cwd);
	} map {/(\d+)/} glob '/proc/[0-9]*';
}

sub end_processes {
	my ($self) = @_;

	if ($self->{pid}) {
		kill 'KILL', $self->{pid};
		kill 'KILL', -$self->{pid};
		waitpid delete $self->{pid}, 0;
	}
	# Whoever forks while we look is found when we look again.
	for (1 .. 100) {
		my @left = $self->stragglers or last;
		kill 'KILL', @left;
		sleep 0.02;
	}
}

# Shared objects that were made meanwhile, and that nobody has mapped.
sub end_objects {
	my ($self) = @_;
	my %now = shm();
	my @new = grep { !$self->{shm}{$_} } keys %now or return;
	my $maps = '';

	for my $file (glob '/proc/[0-9]*/maps') {
		open my $fh, '<', $file or next;
		local $/;
		$maps .= <$fh> // '';
	}
	unlink grep { $maps !~ /\Q$_\E$/m } @new;
}

# End all of it, and remove its folder.
sub end {
	my ($self) = @_;

	return if $self->{ended}++;
	$self->end_processes;
	$self->end_objects if !has_namespaces();
	system 'chmod', '-R', 'u+rwX', $self->{dir};
	system 'rm', '-rf', $self->{dir};
}

END {
	my $status = $?;
	$_->end for grep { $_->{owner} == $$ } @all;
	$? = $status;
}

1;
