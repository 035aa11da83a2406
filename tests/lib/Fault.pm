# The patches of tests/faults, each of which puts one fault into this tree.
#
# Before its first file, a patch has a head: what one would see of the fault,
# and after "Test:" which tests fail of it.

package Fault;

use strict;
use warnings;

sub new {
	my ($class, $file) = @_;

	open my $fh, '<', $file or die "$file: $!\n";
	my ($head) = join('', <$fh>) =~ /\A(.*?)^--- /ms;
	my ($name) = $file =~ m{([^/]+)\.patch$};
	return bless { file => $file, name => $name, head => $head }, $class;
}

sub all {
	my ($class) = @_;
	return map { $class->new($_) } sort glob 'tests/faults/*.patch';
}

# By its number, its name, or both.
sub named {
	my ($class, $name) = @_;

	my ($fault) = grep {
		my ($number, $rest) = $_->name =~ /^0*(\d+)-(.*)/;
		$name eq $_->name || $name eq $rest ||
		    $name =~ /^\d+$/ && $name == $number;
	} $class->all;
	return $fault // die "there is no fault $name\n";
}

sub name { $_[0]{name} }

sub symptom {
	my ($self) = @_;
	return $self->{head} =~ s/\n\n.*/\n/sr;
}

sub tests {
	my ($self) = @_;
	return map {split} $self->{head} =~ /^Test: (.*)/mg;
}

# What patch(1) says if it does not apply; if it does, nothing.
sub misfit {
	my ($self) = @_;

	my $said = `patch -p1 -F0 --dry-run <$self->{file} 2>&1`;
	return $? == 0 ? '' : $said;
}

sub put_into {
	my ($self, $tree) = @_;

	my ($status, $out) = $tree->run('sh', '-c',
	    "patch -s -p1 -F0 <$self->{file}");
	die "$self->{file} does not apply:\n$out" if $status != 0;
}

1;
