# A real tkchat in a window, on an invisible screen.
#
# The screen is Xvfb's; keys and clicks are events that Tk receives, and a test
# reads the widgets themselves (see drive.tcl).

package Window;

use strict;
use warnings;
use Chatc;
use File::Temp;
use POSIX ();
use Test::More ();
use Wait;

our @ISA = ('Chatc');
our $SCRIPT = $ENV{TKCHAT} // 'contrib/tkchat/tkchat';
my $home = File::Temp->newdir;
my ($screen, $display);

# What a test of windows needs and this system lacks.
sub missing {
	for my $program (qw(tclsh wish Xvfb)) {
		return "no $program here" if !grep { -x "$_/$program" }
		    split /:/, $ENV{PATH};
	}
	my $problem = qx(echo 'package require Tk 8.6' | DISPLAY= tclsh 2>&1);
	return 'no Tk for tclsh here' if $problem =~ /can't find package/;
	return;
}

# The screen, once for all windows of a test.
sub screen {
	my ($size) = @_;

	return $display if defined $display;
	pipe my $read, my $write or die "pipe: $!\n";
	$screen = fork // die "fork: $!\n";
	if ($screen == 0) {
		POSIX::dup2(fileno $write, 3);
		open STDERR, '>', '/dev/null';
		exec qw(Xvfb -displayfd 3 -nolisten tcp -screen 0),
		    ($size // '1000x700') . 'x24' or POSIX::_exit(127);
	}
	close $write;
	chomp(my $number = <$read> // die "Xvfb does not start\n");
	return $display = ":$number";
}

# tkchat with these arguments; before '--', settings of its environment.
sub open {
	my ($class, @argv) = @_;
	my %env;

	if (grep { $_ eq '--' } @argv) {
		while ((my $key = shift @argv) ne '--') {
			$env{$key} = shift @argv;
		}
	}
	my $self = $class->start(program => [qw(tclsh tests/lib/drive.tcl),
	    $SCRIPT], env => { DISPLAY => screen(), HOME => "$home",
	    XDG_CONFIG_HOME => "$home", CHATC => $Chatc::PROGRAM, %env },
	    '--', @argv);
	return $self;
}

# In this room, under this name, with all names in its list.
sub enter {
	my ($class, $room, $name, @more) = @_;

	my $self = $class->open(@more, '--', '-n', $name, $room->{host},
	    $room->{port});
	$self->await('$chat(live)', "$name is in the room");
	return $self;
}

# The result of a Tcl command; dies if it fails.
sub tcl {
	my ($self, $command) = @_;

	$self->type("$command\n");
	Wait::until_true(sub {
		$self->{out}{bytes} =~ /\n/ || $self->{out}{over} });
	$self->{out}{bytes} =~ s/\A(ok|error) (.*)\n// or
	    die "no answer to $command:\n" . $self->err . "\n";
	my ($how, $result) = ($1, $2);
	$result =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ge;
	die "$command: $result\n" if $how eq 'error';
	return $result;
}

# Wait until a Tcl expression is true; dies if that never happens.
sub await {
	my ($self, $condition, $what) = @_;

	Wait::until_true(sub { $self->tcl("expr {$condition}") }, 0.03) or
	    die "never: ", $what // $condition, "\n", $self->everything;
	return $self;
}

# The window's text, to show why a test failed.
sub everything {
	my ($self) = @_;

	my @lines = split /\n/, $self->talk;
	splice @lines, 0, -20;
	return join "\n", $self->state, @lines, $self->here, $self->err, '';
}

# A test: the Tcl expression becomes true.
sub becomes {
	my ($self, $condition, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::ok(eval { $self->await($condition) }, $name) or
	    Test::More::diag($@);
}

# A test: such a line appears in the conversation.
sub reads {
	my ($self, $wanted, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $found = Wait::until_true(sub { $self->talk =~ $wanted }, 0.03);
	Test::More::ok($found, $name) or
	    Test::More::diag("no $wanted in\n" . $self->everything);
}

sub talk { $_[0]->tcl('.room.talk.text get 1.0 end') }
sub here { $_[0]->tcl('.room.here.list children {}') }
sub title { $_[0]->tcl('wm title .') }

# The state in words, as the form or the room shows it.
sub state {
	my ($self) = @_;
	return $self->tcl('[expr {[winfo ismapped .form] ? ".form.state" : ' .
	    '".room.state.text"}] cget -text');
}

# Press keys in a widget: <Return>, <Control-plus> ...
sub press {
	my ($self, $widget, @keys) = @_;

	$self->tcl("focus -force $widget; update");
	$self->tcl("event generate $widget $_; update") for @keys;
	return $self;
}

# Type a line into the room and send it.
sub say {
	my ($self, $line) = @_;

	$line =~ s/([\\\[\]\$"{};\n])/sprintf '\\x%02x', ord $1/ge;
	$self->tcl(".room.say.line insert end \"$line\"");
	return $self->press('.room.say.line', '<Return>');
}

# A test: the window closes, the program ends, and never complained.
sub closes {
	my ($self, $name) = @_;

	$self->type("eval [wm protocol . WM_DELETE_WINDOW]\n");
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $status = eval { $self->status } // $@;
	Test::More::is("$status " . $self->err, '0 ', $name);
}

END {
	my $status = $?;
	if ($screen) {
		kill 'TERM', $screen;
		waitpid $screen, 0;
	}
	$? = $status;
}

1;
