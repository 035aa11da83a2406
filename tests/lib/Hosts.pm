# Simulates several hosts on this one: nodes of the engine, and for each host a
# room and a link.
#
# A test can kill and restart each process; at its end none is left.

package Hosts;

use strict;
use warnings;
use Client;
use File::Temp;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use POSIX ();
use Room;
use Wait;

our $LINK = 'contrib/chatlink/chatlink';
my $STREAM = "$LINK-stream";
our $USER = $> == 0 ? 'daemon' : getpwuid $>;
my @running;		# daemons

END {
	local $?;
	$_->kill('KILL') for @running;
}

# The reason why this cannot be tested here, or nothing.
sub missing {
	return "$LINK is not built: it needs libnats" if !-x $LINK;
	return 'no nats-server' if !grep { -x "$_/nats-server" }
	    split /:/, "$ENV{PATH}:/usr/sbin:/usr/local/sbin";
	return 'root needs the user daemon' if !defined getpwnam $USER;
	return;
}

# nodes: how many nodes the engine has; hosts: the names of the hosts; options
# of all nodes and for the stream, and a sub that returns those of a host's
# link.
sub start {
	my ($class, %how) = @_;
	my $dir = File::Temp->newdir;
	my $self = bless { dir => $dir, nodes => [], options =>
	    $how{options} // sub { () }, stream => $how{stream_options} // [],
	    copies => $how{nodes} }, $class;

	chmod 0755, $dir;
	mkdir "$dir/state" or die "$dir: $!\n";
	chown((getpwnam $USER)[2, 3], "$dir/state");
	my @ports = map { [Client::free_port(), Client::free_port()] } 1 .. $how{nodes};
	$self->{urls} = [map {"nats://127.0.0.1:$_->[0]"} @ports];
	my $routes = join ',', map {"nats://127.0.0.1:$_->[1]"} @ports;
	for my $n (0 .. $#ports) {
		my ($client, $route) = @{ $ports[$n] };
		push @{ $self->{nodes} }, ['nats-server', '-a', '127.0.0.1',
		    '-p', $client, '-n', "node$n", '-js', '-sd',
		    "$dir/js$n", @{ $how{node_options} // [] }, @ports > 1 ? ('--cluster_name', 'test',
		    '--cluster', "nats://127.0.0.1:$route", '--routes',
		    $routes) : ()];
		$self->start_node($n);
	}
	$self->make_stream;
	for my $host (@{ $how{hosts} }) {
		$self->{number}{$host} = Client::free_port();
		$self->start_room($host);
		$self->start_link($host);
	}
	return $self;
}

sub start_node {
	my ($self, $n) = @_;

	$self->{node}[$n] = Hosts::Daemon->start(@{ $self->{nodes}[$n] });
	$self->{node}[$n]->expect_log(qr/Server is ready/);
}

# A cluster must first elect a leader.
sub make_stream {
	my ($self) = @_;

	for (1 .. 60) {
		return if system("$STREAM -R $self->{copies} " .
		    "@{ $self->{stream} } test @{ $self->{urls} } " .
		    '>/dev/null 2>&1') == 0;
		Wait::pump(0.25);
	}
	die "the stream cannot be made\n";
}

sub start_room {
	my ($self, $host) = @_;

	$self->{room}{$host} = Room->start('-r', '4M', '-u', $self->path($host),
	    '-L', join(',', $USER, scalar getpwuid $>), '--', '-',
	    $self->{number}{$host});
}

sub start_link { goto &start_links }

# All of them together.
sub start_links {
	my ($self, @names) = @_;

	$self->{link}{$_} = Hosts::Daemon->start($LINK,
	    $self->link_options($_)) for @names;
	for my $host (@names) {
		$self->{link}{$host}->expect_log(qr/in: in the room/);
		# Both its processes are members of the room.
		Wait::until_true(sub {
			$self->{room}{$host}->log =~ m{joined as link/0};
		}) or die "link/0 does not come\n";
	}
}

sub link_options {
	my ($self, $host) = @_;

	return ('-c', 'chatc/chatc', '-f', "$self->{dir}/state/$host", '-h',
	    $host, '-u', $self->path($host), $> == 0 ? ('-U', $USER) : (),
	    $self->{options}->($host), 'test', @{ $self->{urls} });
}

# Publish arbitrary messages, as no link would.
sub publish {
	my ($self, $subject, @messages) = @_;

	my $socket = $self->{publisher} //= IO::Socket::INET->new(PeerAddr =>
	    $self->{urls}[0] =~ s{.*/}{}r) or die "engine: $@\n";
	print $socket "CONNECT {\"verbose\":false}\r\n" if !$self->{greeted}++;
	print $socket (map { "PUB $subject " . length($_) . "\r\n$_\r\n" }
	    @messages), "PING\r\n";
	$socket->flush;
	# The answer says that it has received everything.
	while (my $line = <$socket>) {
		return if $line =~ /^PONG/;
		die "engine: $line" if $line =~ /^-ERR/;
	}
}

# Ask a node that lives, and return what it answers.
sub ask {
	my ($self, $subject, $text) = @_;
	my ($alive) = grep { !$self->{node}[$_]{ended} } 0 .. $#{ $self->{node} };
	my $socket = IO::Socket::INET->new(PeerAddr =>
	    $self->{urls}[$alive] =~ s{.*/}{}r) or die "engine: $@\n";

	print $socket "CONNECT {\"verbose\":false}\r\nSUB answer 1\r\n" .
	    "PUB $subject answer " . length($text //= '') . "\r\n$text\r\n";
	while (my $line = <$socket>) {
		die "engine: $line" if $line =~ /^-ERR/;
		next if $line !~ /^MSG answer 1 (\d+)\r/;
		my $json;
		read $socket, $json, $1;
		return decode_json($json);
	}
	die "the engine does not answer\n";
}

# The number of the node that leads the stream.  Waits until one does, and all
# others have all of it.
sub leader {
	my ($self) = @_;
	my ($leader) = Wait::until_true(sub {
		my $cluster = $self->ask('$JS.API.STREAM.INFO.chat-test')
		    ->{cluster} or return;
		return if grep { !$_->{current} || $_->{offline} }
		    @{ $cluster->{replicas} };
		return $cluster->{leader};
	}, 0.25);

	die "the stream has no leader, or lacks copies\n" if !defined $leader;
	return $leader =~ s/^node//r;
}

# These nodes are gone, by this signal, STOP or KILL; and back.
sub take_nodes {
	my ($self, $signal, @nodes) = @_;

	for my $node (@{ $self->{node} }[@nodes]) {
		$signal eq 'KILL' ? $node->kill('KILL') :
		    $node->signal($signal);
	}
}

sub return_nodes {
	my ($self, $signal, @nodes) = @_;

	for my $n (@nodes) {
		$signal eq 'KILL' ? $self->start_node($n) :
		    $self->{node}[$n]->signal('CONT');
	}
}

sub path { my ($self, $host) = @_; return "$self->{dir}/$host" }
sub room { my ($self, $host) = @_; return $self->{room}{$host} }
sub link { my ($self, $host) = @_; return $self->{link}{$host} }

# A client in a host's room.
sub enter {
	my ($self, $host, $name) = @_;
	return $self->room($host)->enter($name, tsv => 1);
}

# Kill the process "in" or "out" of a link.
sub kill_worker {
	my ($self, $host, $which) = @_;

	my ($found) = grep { $_->{title} =~ /\b$which of $host\b/ &&
	    $_->{parent} == $self->link($host)->pid } Room::processes();
	kill KILL => $found->{pid} if $found;
	return defined $found;
}

# The room dies with all its sessions, and is started again.
sub kill_room {
	my ($self, $host) = @_;
	my $room = $self->room($host);

	kill KILL => -$room->pid;
	$room->exit_status;
	unlink $self->path($host);
	$self->start_room($host);
}

sub stop {
	my ($self) = @_;

	$_->end for values %{ $self->{link} };
	$_->stop for map { $self->room($_) } sort keys %{ $self->{room} };
	$_->kill('KILL') for @{ $self->{node} };
}

# A process whose log is read.
package Hosts::Daemon;

use POSIX qw(WNOHANG);

sub start {
	my ($class, @command) = @_;

	local $Room::PROGRAM = shift @command;
	my ($pid, $fh) = Room::spawn(@command);
	my $self = bless { pid => $pid, fh => $fh, log => '' }, $class;
	push @running, $self;
	Wait::add($self);
	return $self;
}

sub pid { $_[0]{pid} }
sub fh { $_[0]{fh} }
sub wants_input { !$_[0]{over} }
sub wants_output { 0 }
sub take { goto &Room::take }
sub expect_log { goto &Room::expect_log }
sub log { Wait::pump(0); return $_[0]{log} }

sub signal { my ($self, $signal) = @_; kill $signal => $self->{pid} }

# End it and all its children with this signal.
sub kill {
	my ($self, $signal) = @_;

	return if $self->{ended};
	CORE::kill $signal => -$self->{pid};
	waitpid $self->{pid}, 0;
	$self->{ended} = 1;
}

# As an operator does; returns its exit status.
sub end {
	my ($self) = @_;

	CORE::kill TERM => $self->{pid};
	return $self->status;
}

sub status {
	my ($self) = @_;

	Wait::until_true(sub { waitpid($self->{pid}, WNOHANG) != 0 }, 0.1) or
	    die "$self->{pid} does not end\n";
	my $status = $?;
	$self->{ended} = 1;
	return $status & 127 ? -($status & 127) : $status >> 8;
}

1;
