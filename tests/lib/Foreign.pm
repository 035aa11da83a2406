# Other authors' IRC clients, each driven by what its user would type, in a
# terminal or through the files that it reads, and observed as its user would.

package Foreign;

use strict;
use warnings;
use Chatc;
use File::Temp ();
use POSIX ();
use Room;
use Terminal;
use Test::More ();
use Wait;

my @started;

# The names of those that are installed.
sub available {
	my ($class) = @_;
	my %program = (irssi => 'irssi', weechat => 'weechat-headless',
	    ii => 'ii', sic => 'sic');

	return grep {
		my $program = $program{$_};
		(grep { -x "$_/$program" } split /:/, $ENV{PATH}) &&
		    ($_ !~ /irssi|sic/ || Terminal->available);
	} qw(ii irssi sic weechat);
}

# The client of this kind, as nick, connecting to the room; irssi can be without
# one.
sub start {
	my ($class, $kind, $room, $nick) = @_;

	my $self = bless { kind => $kind, nick => $nick, room => $room,
	    dir => File::Temp->newdir }, "Foreign::$kind";
	push @started, $self;
	$self->begin("$self->{dir}", $room ? @$room{qw(host port)} : ());
	return $self;
}

# A test: the client's display of the room matches.
sub shows {
	my ($self, $wanted, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $found = Wait::until_true(sub { $self->shown =~ $wanted }, 0.05);
	Test::More::ok($found, "$self->{kind}: $name") or
	    Test::More::diag($self->shown =~ s/[^\n -~]/?/gr);
}

sub put {
	my ($path, $line) = @_;
	open my $fh, '>>', $path or die "$path: $!\n";
	print $fh "$line\n";
	close $fh;
}

sub slurp {
	my $text = '';
	for my $path (@_) {
		open my $fh, '<', $path or next;
		local $/;
		$text .= <$fh> // '';
	}
	utf8::decode($text);
	return $text;
}

# A program without a terminal, which ends with the test.
sub spawn {
	my ($self, @command) = @_;

	defined(my $pid = fork) or die "fork: $!\n";
	if ($pid == 0) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', '/dev/null';
		open STDERR, '>&', \*STDOUT;
		exec @command or POSIX::_exit(127);
	}
	$self->{pid} = $pid;
}

# Tests: this client talks with nc and chatc, both ways, and leaves.
sub talks {
	my ($self, $nc, $chatc) = @_;
	my ($nick, $kind) = @$self{qw(nick kind)};
	my $euros = "\x{20ac}" x 200;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$nc->shows(qr/^-- $nick joined$/m, "$kind: it joins the room");
	$self->shows(qr/#chat/, 'and is told so');
	$nc->type("hello $nick\n");
	$self->shows(qr/netcat.*hello $nick/, 'it hears nc');
	$chatc->type("dear $nick\n");
	$self->shows(qr/chatty.*dear $nick/, 'and chatc');
	$self->say("good day from $nick");
	$nc->shows(qr/^<$nick> good day from $nick$/m, "$kind: nc hears it");
	$chatc->shows(qr/<$nick> good day from $nick$/m, "$kind: so does chatc");
	$nc->type("!msg $nick psst $nick\n");
	$self->shows(qr/netcat.*psst $nick/, 'a private message reaches it');
	$self->tell('netcat', "hush from $nick");
	$nc->shows(qr/^<$nick>netcat> hush from $nick$/m,
	    "$kind: and so it answers");
	$self->rename_to("${nick}2");
	$nc->shows(qr/^-- $nick is now ${nick}2$/m, "$kind: it takes a name");
	$chatc->type("!me waves at ${nick}2\n");
	$self->shows(qr/chatty.*waves at ${nick}2/, 'it sees an action');
	utf8::encode($euros);
	$nc->type("$euros end for $nick\n");
	$self->shows(qr/\x{20ac}{20,} end for\s+$nick/, 'and a long text');
	$self->quit;
	$nc->shows(qr/^-- ${nick}2 left \(quit.*\)$/m, "$kind: and it leaves");
}

# A room in which clients of these kinds, all at once, talk like that.
sub converse {
	my (@kinds) = @_;

	my $room = Room->start;
	my $nc = Chatc->start(program => ['nc', $room->{host}, $room->port],
	    '--');
	$nc->type("netcat\n")->expect(qr/^-- netcat joined$/m);
	my $chatc = Chatc->in_room($room, '-n', 'chatty');
	$nc->expect(qr/^-- chatty joined$/m);
	my @clients = map { Foreign->start($_, $room, "${_}_user") } @kinds;
	$_->talks($nc, $chatc) for @clients;
	$nc->type("!quit\n")->expect(qr/goodbye/);
	$chatc->end->status;
	$nc->end->status;
	return $room;
}

END {
	my $status = $?;
	for my $pid (map { $_->{pid} // () } @started) {
		kill 'KILL', $pid;
		waitpid $pid, 0;
	}
	$? = $status;
}

# ---- ii: a directory with pipes to write to and files to look at ----

package Foreign::ii {
	our @ISA = 'Foreign';

	sub begin {
		my ($self, $dir, $host, $port) = @_;
		$self->spawn('ii', '-i', $dir, '-s', $host, '-p', $port, '-n',
		    $self->{nick});
		$self->{at} = "$dir/$host";
	}

	sub shown {
		my ($self) = @_;
		return Foreign::slurp(glob "$self->{at}/out $self->{at}/*/out");
	}

	sub say {
		my ($self, $text) = @_;
		Wait::until_true(sub { -p "$self->{at}/#chat/in" }, 0.05);
		Foreign::put("$self->{at}/#chat/in", $text);
	}

	sub tell { my ($self, $to, $text) = @_; $self->say("/j $to $text") }
	sub rename_to { my ($self, $to) = @_; $self->say("/n $to") }
	sub quit { $_[0]->say('/q bye') }
}

# ---- irssi: one window for everything ----

package Foreign::irssi {
	our @ISA = 'Foreign';

	sub begin {
		my ($self, $dir, $host, $port) = @_;
		Foreign::put("$dir/config", 'settings = { "fe-common/core" = ' .
		    '{ autocreate_windows = "no"; autocreate_query_level = ' .
		    '"NONE"; term_charset = "UTF-8"; }; };');
		my $where = defined $host ? "-c $host -p $port" : '-!';
		$self->{screen} = Terminal->start(100, 50)->type(
		    "irssi --home=$dir $where -n $self->{nick}")
		    ->keys('Enter');
	}

	sub shown { $_[0]{screen}->screen }

	sub type {
		my ($self, $text) = @_;
		$self->{screen}->type($text)->keys('Enter');
	}

	sub say { my ($self, $text) = @_; $self->type("/msg #chat $text") }
	sub tell { my ($self, $to, $text) = @_; $self->type("/msg $to $text") }
	sub rename_to { my ($self, $to) = @_; $self->type("/nick $to") }
	sub quit { $_[0]->type('/quit bye') }
}

# ---- sic: a line editor ----

package Foreign::sic {
	our @ISA = 'Foreign';

	sub begin {
		my ($self, $dir, $host, $port) = @_;
		$self->{screen} = Terminal->start(100, 50)->type(
		    "sic -h $host -p $port -n $self->{nick}")->keys('Enter');
	}

	sub shown { $_[0]{screen}->screen }

	sub type {
		my ($self, $text) = @_;
		$self->{screen}->type($text)->keys('Enter');
	}

	sub say { my ($self, $text) = @_; $self->type(":m #chat $text") }
	sub tell { my ($self, $to, $text) = @_; $self->type(":m $to $text") }
	sub rename_to { my ($self, $to) = @_; $self->type(":NICK $to") }
	sub quit { $_[0]->type(':QUIT :bye') }
}

# ---- WeeChat: without its screen, by its pipe and its logs ----

package Foreign::weechat {
	our @ISA = 'Foreign';

	sub begin {
		my ($self, $dir, $host, $port) = @_;
		$self->{at} = $dir;
		$self->spawn('weechat-headless', '-d', $dir, '-r',
		    '/set logger.file.flush_delay 0', '-r',
		    '/set logger.file.path "' . $dir . '/logs"', '-r',
		    '/set fifo.file.path "' . $dir . '/fifo"', '-r',
		    '/fifo disable', '-r', '/fifo enable', '-r',
		    "/server add room $host/$port -nicks=$self->{nick} -notls",
		    '-r', "/set irc.server.room.ssl off", '-r',
		    '/connect room');
	}

	sub shown {
		my ($self) = @_;
		return Foreign::slurp(glob "$self->{at}/logs/irc.*");
	}

	sub type {
		my ($self, $text) = @_;
		Wait::until_true(sub { -p "$self->{at}/fifo" }, 0.05);
		Foreign::put("$self->{at}/fifo", "irc.server.room *$text");
	}

	sub say { my ($self, $text) = @_; $self->type("/msg #chat $text") }
	sub tell { my ($self, $to, $text) = @_; $self->type("/msg $to $text") }
	sub rename_to { my ($self, $to) = @_; $self->type("/nick $to") }
	sub quit { $_[0]->type('/quit bye') }
}

1;
