# System calls that fail in the programs that a test starts.
#
# The library tests/chaos/faults.so says what can fail.  It shares a file with
# the test, in which the test sets how often calls fail, and reads how often
# they did.

package Faults;

use strict;
use warnings;
use Cwd ();
use File::Temp;

our $LIBRARY = 'tests/chaos/faults.so';
my @kinds = qw(read short-read write short-write send accept
    accept-memory accept-table fork ppoll ppoll-memory sem_wait
    short-sendmsg);
my %number = map { $kinds[$_] => $_ } 0 .. $#kinds;
my ($one_in, $seed, $always, $spared, $calls, $clock_set, $no_timer,
    $no_wait, $failed) = (0 .. 8);

# Whether the file of a program begins with the path of a loader.
sub is_dynamic {
	my ($program) = @_;

	open my $file, '<:raw', $program or return;
	sysread $file, my $bytes, 4096;
	return $bytes =~ m{/[\w/.]*/ld[-.\w]*\0};
}

# Call it first: why this is impossible with this program, or nothing.
sub missing {
	return 'LD_PRELOAD is needed' if $^O !~ /linux|bsd/;
	return "$LIBRARY is not built" if !-e $LIBRARY;
	return 'a static program loads no library' if !is_dynamic($_[0]);
	return 'it waits by other calls than those that fail' if $ENV{BARE};
	return 'a sanitizer has to be the first library' if $ENV{SAN};
	return;
}

sub new {
	my ($class, $number) = @_;

	my $file = File::Temp->new;
	syswrite $file, "\0" x 4096 or die "$file: $!\n";
	my $self = bless { file => $file }, $class;
	$self->set($seed, $number);
	return $self;
}

# Variables for the environment of a program with these faults.
sub environment {
	my ($self) = @_;
	return (LD_PRELOAD => Cwd::abs_path($LIBRARY),
	    FAULTS => $self->{file}->filename);
}

sub set {
	my ($self, $word, $value) = @_;

	sysseek $self->{file}, 8 * $word, 0;
	syswrite $self->{file}, pack 'q', $value or die "faults: $!\n";
}

sub get {
	my ($self, $word) = @_;

	sysseek $self->{file}, 8 * $word, 0;
	sysread $self->{file}, my $bytes, 8;
	return unpack 'Q', $bytes;
}

# One call in so many fails; none if that is 0.
sub rate { my ($self, $n) = @_; $self->set($one_in, $n) }

# All kinds.
sub kinds { return @kinds }

# Each call of this kind fails, until another or none is named.
sub always {
	my ($self, $kind) = @_;
	$self->set($always, $kind ? 1 + $number{$kind} : 0);
}

# The clock is set to so many seconds off the right time.
sub set_clock { my ($self, $seconds) = @_; $self->set($clock_set, $seconds) }

# From now on no timer of setitimer(2) expires.
sub stop_timers { my ($self) = @_; $self->set($no_timer, 1) }

# Calls of this kind do not fail at random.
sub spare {
	my ($self, $kind) = @_;
	$self->set($spared, $self->get($spared) | 1 << $number{$kind});
}

sub failed {
	my ($self, $kind) = @_;
	return $self->get($failed + $number{$kind});
}

# How many calls of ppoll(2) were not allowed to wait.
sub polls { my ($self) = @_; return $self->get($no_wait) }

# For people: how many calls there were, and what failed.
sub figures {
	my ($self) = @_;
	return sprintf 'of %d calls failed: %s', $self->get($calls),
	    join ', ', map { "$_ " . $self->failed($_) } @kinds;
}

1;
