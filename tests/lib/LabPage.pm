# The pages of the course's labs, as a student uses them: what to read, and the
# commands to run, with their output.
#
# Numbers in the output need not be those of the page, except 0.  Port 5000 of
# the page is a free one here, and server.log lies elsewhere.

package LabPage;

use strict;
use warnings;
use Client;
use File::Temp;
use IPC::Open2;
use Wait;

sub new {
	my ($class, $file) = @_;

	open my $fh, '<', $file or die "$file: $!\n";
	local $/;
	return bless { file => $file, text => scalar <$fh>, out => '' },
	    $class;
}

# The text of a section, by the first words of its title.
sub section {
	my ($self, $title) = @_;
	my ($text) = $self->{text} =~ /^\Q$title\E[^\n]*\n(.*?)(?=^\S|\z)/ms;
	return $text;
}

# What to read, by the section of that title: [file, function ...].
sub reading {
	my ($self, $title) = @_;
	my $text = $self->section($title // 'READ') =~ s/,\n\t(?=\S)/, /gr;

	return map {
		my ($file, $functions) = /^([^:]+)(?:: (.*))?/;
		[$file, split /, /, $functions // ''];
	} $text =~ /^\t(\S+\/\S.*)$/mg;
}

# The commands, each with the lines that it prints: [command, line ...].
sub examples {
	my ($self) = @_;
	my $text = $self->section('RUN AND SEE') =~ s/ \\\n\s+/ /gr;
	my (@found, $within);

	for (split /\n/, $text) {
		if (/^\t\$ (.*)/) {
			push @found, [$1];
			$within = 1;
		} elsif (/^\t(\S.*)/ && $within) {
			push @{$found[-1]}, $1;
		} else {
			$within = 0;
		}
	}
	return @found;
}

# Starts a shell in which they run, one after another.
sub begin {
	my ($self) = @_;
	my ($in, $out);

	$self->{port} = Client::free_port();
	$self->{dir} = File::Temp->newdir;
	$self->{pid} = open2($out, $in, 'setsid', 'sh', '-c',
	    'exec 2>&1; while read -r line; do eval "$line"; done');
	$in->autoflush(1);
	@$self{qw(fh in)} = ($out, $in);
	Wait::add($self);
}

# What Wait asks of every handle.
sub fh { $_[0]{fh} }
sub wants_input { !$_[0]{over} }
sub wants_output { 0 }

sub take {
	my ($self) = @_;
	my $n = sysread $self->{fh}, $self->{out}, 1 << 16,
	    length $self->{out};
	$self->{over} = 1 if !$n;
}

# Runs one; returns '' if it prints what it should, or else both.  A command
# that looks at processes or a log too early is run again.
sub try_example {
	my ($self, $command, @lines) = @_;
	my ($wrong, $times) = ('', $command =~ /^(?:grep|ls|ps|tail) / ? 100 : 1);

	for (1 .. $times) {
		$wrong = $self->try_once($command, @lines);
		last if $wrong eq '' || $self->{over};
		Wait::pump(0.1) if $times > 1;
	}
	return $wrong;
}

# The pattern of a line, in which only the number 0 must match.
sub pattern {
	my ($line) = @_;
	my @parts = split /(\d+(?:\.\d+)?)/, $line =~ s/\s+/ /gr;

	return join('', map {
		/^\d+\./ ? '\d+\.\d+' : /^0+$/ ? $_ :
		    /^\d/ ? '(?!0+\b)\d+' : quotemeta
	} @parts) . '\n';
}

sub try_once {
	my ($self, $command, @lines) = @_;
	my $mark = "-- done $self->{port} --";
	my $wanted = join '', map { pattern($_) } @lines;

	$command =~ s/\b5000\b/$self->{port}/g;
	$command =~ s{\bserver\.log\b}{$self->{dir}/server.log}g;
	print { $self->{in} } "$command\n", "echo '$mark'\n";
	my $plain;
	my $seen = Wait::until_true(sub {
		$plain = $self->{out} =~ s/[ \t]+/ /gr =~ s/^ | $//mgr;
		# A server in the background may take its time.
		return $plain =~ s/^\Q$mark\E\n//m && ($plain =~ /\A$wanted/ ||
		    $command !~ / &(?: \w+=\$!)?$/) || $self->{over};
	}, 0.05);
	$self->{out} = '';
	return '' if $seen && $plain =~ /\A$wanted\z/;
	return "\$ $command\nprints\n${plain}instead of\n" .
	    join "\n", @lines, '';
}

sub end {
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;

	Wait::drop($self);
	kill 'KILL', -$pid, $pid;
	close $self->{$_} for qw(in fh);
	waitpid $pid, 0;
	# A server that was killed has left it.
	unlink "/dev/shm/chatserv.$self->{port}";
}

# Run all; those that print something else.
sub wrong_examples {
	my ($self) = @_;

	$self->begin;
	my @wrong = grep { $_ ne '' } map { $self->try_example(@$_) }
	    $self->examples;
	$self->end;
	return @wrong;
}

1;
