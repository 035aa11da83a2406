# A program in a real terminal: tmux, which gets keys and shows the screen.

package Terminal;

use strict;
use warnings;
use Test::More ();
use Wait;

my $socket = "chatc-test-$$";
my $here = 0;

sub available {
	return scalar grep { -x "$_/tmux" } split /:/, $ENV{PATH};
}

sub tmux {
	my (@command) = @_;

	delete local $ENV{TMUX};
	open my $out, '-|', 'tmux', '-u', '-L', $socket, '-f', '/dev/null',
	    @command or die "tmux: $!\n";
	my $text = do { local $/; <$out> };
	close $out;
	return $text;
}

# Run a shell in a window of this size.  The terminal shows UTF-8.
sub start {
	my ($class, $columns, $rows) = @_;

	my $self = bless { name => 'w' . $here++ }, $class;
	tmux(qw(new-session -d -s), $self->{name}, '-x', $columns, '-y',
	    $rows, 'env', 'PS1=READY ', 'LC_ALL=C.UTF-8', 'sh');
	tmux(qw(set-option -g escape-time 0)) if $here == 1;
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
	tmux('kill-server') if $here;
	$? = $status;
}

1;
