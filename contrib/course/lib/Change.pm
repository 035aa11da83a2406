# A student's server, made from a rung of the ladder, and what it must pass:
# levels of chattest, and checks for one lab only.

package Change;

use strict;
use warnings;
use lib 'contrib/course/lib', 'tests/lib';
use Client;
use Sandbox;
use Time::HiRes qw(sleep time);
use Wait;

my $STEP = 30;		# seconds that a step may take

# Compile the source; the sandbox with the program, or undef and why not.
sub compile {
	my ($source, $cc) = @_;
	my $box = Sandbox->new;
	my $out = qx{$cc -std=c11 -D_GNU_SOURCE -I. -O2 -g -Wall -Wextra \\
	    -Werror -pthread -o $box->{dir}/server $source 2>&1};

	return ($box) if $? == 0;
	$box->end;
	return (undef, "server.c does not compile without a warning:\n$out");
}

# Start it on a free port: true if it says which.
sub start {
	my ($box) = @_;

	$box->start('./server', 0);
	return Wait::until_true(sub {
		$box->printed('out') =~ /^port (\d+)/ or return 0;
		return $box->{port} = $1;
	}, 0.02) && ($box->{server} = $box->server('server'));
}

# Clients who are in the room.
sub enter {
	my ($box, $name, %how) = @_;
	my $c = Client->connect(host => '127.0.0.1', port => $box->{port},
	    %how);

	$c->say($name);
	($c->lines_until("* $name joined"))[0] or
	    die "$name does not come in\n";
	return $c;
}

# All processes that run this server.
sub processes {
	my ($box) = @_;
	return grep {
		(readlink("/proc/$_/exe") // '') eq "$box->{dir}/server";
	} map {/(\d+)/} glob '/proc/[0-9]*';
}

sub status_line {
	my ($pid, $what) = @_;

	open my $fh, '<', "/proc/$pid/status" or return '';
	my ($value) = join('', <$fh>) =~ /^$what:\s+(\S+)/m;
	return $value // '';
}

# With the server's end its namespaces end, and all in them.  What becomes of
# its children without that shows while the first process there is stopped.
sub keep_orphans {
	my ($box, $signal) = @_;
	my $init = $box->{init} //= status_line($box->{server}, 'PPid');

	kill $signal, $init if $init != $$;
}

# Each returns nothing if all is well, or what is wrong and a hint.
my %check = (
	ends => \&check_ends, counts => \&check_counts, long => \&check_long,
	sleeps => \&check_sleeps, lapped => \&check_lapped,
	many => \&check_many);

# SIGTERM: first the children end, then the server does, with status 0.
sub check_ends {
	my ($box) = @_;
	my @clients = map { enter($box, "end$_") } 1 .. 3;

	keep_orphans($box, 'STOP');
	kill 'TERM', $box->{server};
	Wait::until_true(sub {
		status_line($box->{server}, 'State') =~ /^(?:Z|)$/
	}, 0.02) or return 'it does not end at SIGTERM',
	    'does accept(2) return, and does the loop look at the flag?';
	my @left = processes($box);
	keep_orphans($box, 'CONT');
	return @left . ' of its processes are still there when it has ended',
	    'tell the children, then wait(2) for each of them' if @left;
	my $status = $box->status($STEP) // return 'it does not end', '';
	return 'it ends with another status than 0', '' if $status != 0;
	return;
}

# SIGUSR1: it prints how many clients there are, as often as one likes.
sub count_is {
	my ($box, $n) = @_;
	return Wait::until_true(sub {
		kill 'USR1', $box->{server};
		sleep 0.02;
		my @lines = $box->printed('out') =~ /^(\d+) clients?\n/mg;
		return @lines && $lines[-1] == $n;
	}, 0.02);
}

sub check_counts {
	my ($box) = @_;
	my @clients = map { enter($box, "c$_") } 1 .. 3;

	count_is($box, 3) or return 'with three clients SIGUSR1 does not ' .
	    'print "3 clients"', 'is stdout flushed?  Is the flag looked at?';
	(pop @clients)->close;
	count_is($box, 2) or return 'one has left, and it does not print ' .
	    '"2 clients"', 'what tells the parent that a child has ended?';
	for my $n (1 .. 100) {
		kill 'USR1', $box->{server} for 1 .. 20;
		my $c = Client->connect(host => '127.0.0.1',
		    port => $box->{port});
		$n % 2 ? $c->close : $c->reset;
	}
	count_is($box, 2) or return 'in a storm of signals it dies, hangs, ' .
	    'or counts wrong', 'EINTR; and what may a handler call?';
	eval { enter($box, 'after'); 1 } or return 'after it nobody comes in',
	    'accept(2) and ppoll(2) return -1 for a signal';
	return;
}

# A line that is too long is answered once, and the next one is heard.
sub check_long {
	my ($box) = @_;
	my $c = enter($box, 'long');

	for my $length (600, 2000, 100_000) {
		$c->send('x' x $length . "\nnext $length\n");
		my ($found, @lines) = $c->lines_until("<long> next $length");
		return "the line after one of $length bytes is not heard",
		    'drop all of a long line, and nothing of the next'
		    if !$found;
		my @told = grep {/^! /} @lines;
		return "one line of $length bytes is answered by " .
		    (@lines - 1) . ' lines', 'one line that begins with "! "'
		    if @told != 1 || @lines != 2;
	}
	$c->send('y' x 511 . "\r\nend\n");
	return 'a long line with CR LF is answered wrongly', ''
	    if !($c->lines_until('<long> end'))[0];
	return;
}

# Nobody looks in vain, and no signal is used to wake.
sub switches {
	my $sum = 0;
	$sum += status_line($_, 'voluntary_ctxt_switches') || 0 for @_;
	return $sum;
}

# The numbers of the signals that a process catches or, as signalfd(2) wants
# it, blocks.
sub signals {
	my ($pid) = @_;
	my @found;

	for my $set (qw(SigCgt SigBlk)) {
		my @digits = reverse split //, status_line($pid, $set);
		push @found, grep {
			hex($digits[($_ - 1) / 4]) >> ($_ - 1) % 4 & 1
		} 1 .. 4 * @digits;
	}
	return @found;
}

# CHLD, TERM, INT and HUP; and what pthread_create(3) keeps for itself.
my %no_news = map { $_ => 1 } 17, 15, 2, 1, 32, 33;

sub check_sleeps {
	my ($box) = @_;
	my @clients = map { enter($box, "s$_") } 1 .. 5;

	$_->lines_until('* s5 joined') for @clients[0 .. 3];
	my @pids = processes($box);
	for my $pid (@pids) {
		return 'it needs signals', 'a pipe or eventfd(2) for each ' .
		    'child can be in the same poll(2) as its client'
		    if grep { !$no_news{$_} } signals($pid);
	}
	Wait::pump(0.3);	# until the last of what was said is relayed
	my $before = switches(@pids);
	Wait::pump(1);
	my $n = switches(@pids) - $before;
	return "in a second in which nobody speaks its processes wake $n times",
	    'poll(2) without a time-out, and somebody who ends it'
	    if $n > 5;
	$clients[0]->say('good morning');
	for (@clients) {
		($_->lines_until('<s1> good morning'))[0] or
		    return 'a sleeper is not woken', 'who wakes it, and when?';
	}
	return;
}

# A reader that was overtaken is told how many lines it has missed.
sub check_lapped {
	my ($box) = @_;
	my $n = 20_000;
	my $reader = enter($box, 'slow', rcvbuf => 4096);
	my $talker = enter($box, 'talker');
	my ($last, $lost) = (0, 0);

	$reader->freeze;
	my $text = 'x' x 300;
	for my $said (1 .. $n) {
		$talker->say("$said $text");
		next if $said % 1000;
		($talker->lines_until("<talker> $said $text"))[0] or
		    return 'the talker waits for one that does not read', '';
	}
	$reader->thaw;
	while ($last < $n && defined(my $line = $reader->line)) {
		$lost += $1 if $line =~ /^\* (\d+) lines lost$/;
		my ($number) = $line =~ /^<talker> (\d+) x{300}$/ or next;
		return "$number comes after $last, and $lost are said to be " .
		    'lost', 'look at head again when the line is copied'
		    if $number != $last + $lost + 1;
		($last, $lost) = ($number, 0);
	}
	return 'the last line does not come', '' if $last != $n;
	return;
}

# More clients than an fd_set has, in one process.
sub check_many {
	my ($box) = @_;
	my $n = 1100;
	my @clients = map { Client->connect(host => '127.0.0.1',
	    port => $box->{port}) } 1 .. $n;

	$clients[$_]->say("many$_") for 0 .. $#clients;
	for my $i (0 .. $#clients) {
		($clients[$i]->lines_until("* many$i joined"))[0] or
		    return "client $i of $n does not come in",
		    'FD_SETSIZE, RLIMIT_NOFILE, and your own table';
	}
	$clients[-1]->say('all');
	for (@clients) {
		($_->lines_until("<many@{[$n - 1]}> all"))[0] or
		    return 'not all hear what one says', '';
	}
	return 'it has ' . processes($box) . ' processes', 'one is enough'
	    if processes($box) != 1;
	return;
}

# What a server says in chattest, level by level: [name, wrong and hint ...].
sub levels {
	my ($box, $dialect, $levels) = @_;
	my @command = ('contrib/course/chattest', '-d', $dialect, '-l',
	    $levels, '-t', $STEP, '-p', $box->{server}, '-r',
	    $box->for_shell('./server', $box->{port}), '127.0.0.1',
	    $box->{port});
	my (@results, %seen);

	keep_orphans($box, 'STOP');
	open my $fh, '-|', @command or die "chattest: $!\n";
	while (<$fh>) {
		if (/^(not )?ok (\d) - (.*)/) {
			push @results, ["level $2: $3", $1 ? '' : ()];
			$seen{$2}++;
		} elsif (/^# (.*)/ && @results && @{$results[-1]} > 1) {
			$results[-1][1] .= "$1\n";
		}
	}
	close $fh;
	my $failed = grep { @$_ > 1 } @results;
	return ['chattest', 'chattest was disturbed']
	    if $? != $failed << 8 || keys %seen != split /,/, $levels;
	return @results;
}

# Check a source, each time with a new process: [name, wrong and hint ...].
sub results {
	my ($source, $cc, @checks) = @_;
	my @results;

	$Wait::LIMIT = $STEP;
	for my $check (@checks) {
		my ($box, $why) = compile($source, $cc);
		return ['server.c', $why] if !$box;
		if (!start($box)) {
			push @results, [$check, 'it prints no "port N"'];
		} elsif ($check =~ /^(\w+):(.*)/) {
			push @results, levels($box, $1, $2);
		} else {
			my ($wrong, $hint) = eval { $check{$check}->($box) };
			$wrong = $@ =~ s/\s+\z//r if $@;
			push @results, [$check, !defined $wrong ? () :
			    ($hint // '') eq '' ? "$wrong\n" :
			    "$wrong\nhint: $hint\n"];
		}
		$box->end;
	}
	return @results;
}

sub known { return exists $check{$_[0]} }

1;
