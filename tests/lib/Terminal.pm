# A program in a real terminal: tmux, which gets keys and shows the screen.
#
# One client of tmux, in control mode, carries all commands: a process for each
# look at the screen would cost more than what is tested.

package Terminal;

use strict;
use warnings;
use IPC::Open2;
use Test::More ();
use Wait;

my $socket = "chatc-test-$$";
my $here = 0;
my ($client, $to, $from);	# the client's pid, and pipes

sub available {
	return scalar grep { -x "$_/tmux" } split /:/, $ENV{PATH};
}

# A word of a command as tmux parses it, in bytes.
sub quoted {
	my ($word) = @_;

	utf8::encode($word) if utf8::is_utf8($word);
	return '"' . $word =~ s/([^ !#%-\[\]-}])/sprintf '\\%03o', ord $1/ger .
	    '"';
}

# What the command that was given prints: the lines from %begin to %end.
sub answer {
	my $text = '';

	while (defined(my $line = <$from>)) {
		next if $line !~ /^%begin (\d+ \d+) /;
		my $which = $1;
		while (defined($line = <$from>)) {
			return $text if $line =~ /^%(?:end|error) $which /;
			$text .= $line;
		}
	}
	die "tmux has ended\n";
}

# Its session is for itself: other windows have the sizes that they are given.
sub begin {
	delete local $ENV{TMUX};
	$client = open2($from, $to, 'tmux', '-u', '-L', $socket, '-f',
	    '/dev/null', '-C', qw(new-session -s control cat));
	answer();
	tmux(qw(set-option -g escape-time 0));
}

sub tmux {
	begin() if !$client;
	syswrite $to, join(' ', map { quoted($_) } @_) . "\n";
	return answer();
}

# Run a shell in a window of this size.  The terminal shows UTF-8.
sub start {
	my ($class, $columns, $rows) = @_;

	my $self = bless { name => 'w' . $here++ }, $class;
	tmux(qw(new-session -d -s), $self->{name}, '-x', $columns, '-y',
	    $rows, 'env', 'PS1=READY ', 'LC_ALL=C.UTF-8', 'sh');
	$self->expect(qr/^READY/m);
	return $self;
}

# Keys by tmux's names; text as it is; text pasted, as a terminal does.
sub keys {
	my ($self, @keys) = @_;
	tmux(qw(send-keys -t), $self->{name}, @keys);
	return $self;
}

sub type {
	my ($self, $text) = @_;
	tmux(qw(send-keys -l -t), $self->{name}, '--', $text);
	return $self;
}

sub paste {
	my ($self, $text) = @_;
	tmux('set-buffer', '--', $text);
	tmux(qw(paste-buffer -p -t), $self->{name});
	return $self;
}

sub resize {
	my ($self, $columns, $rows) = @_;
	tmux(qw(resize-window -t), $self->{name}, '-x', $columns, '-y', $rows);
	return $self;
}

# The screen, without blanks at the ends; with colours on request.
sub screen {
	my ($self, @options) = @_;

	my $text = tmux(qw(capture-pane -p -t), $self->{name}, @options);
	utf8::decode($text);
	$text =~ s/\s+\z/\n/;
	return $text;
}

# Column and row of the cursor.
sub cursor {
	my ($self) = @_;
	return tmux(qw(display-message -p -t), $self->{name},
	    '#{cursor_x} #{cursor_y}') =~ /(\d+) (\d+)/;
}

# Wait until the screen matches, or die and show it.
sub expect {
	my ($self, $wanted) = @_;

	Wait::until_true(sub { $self->screen =~ $wanted }, 0.03) or
	    die "the screen never showed $wanted:\n" . $self->screen;
	return $self;
}

# A test: the screen comes to match.
sub shows {
	my ($self, $wanted, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::ok(eval { $self->expect($wanted) }, $name) or
	    Test::More::diag($@ =~ s/[^\n -~]/?/gr);
}

# The pid of the shell, and of what runs in it.
sub pid {
	my ($self) = @_;
	return tmux(qw(display-message -p -t), $self->{name},
	    '#{pane_pid}') + 0;
}

END {
	my $status = $?;
	if ($client) {
		eval { tmux('kill-server') };
		waitpid $client, 0;
	}
	$? = $status;
}

1;
