#!/usr/bin/env perl
#
# Goal: the units for systemd work under a systemd that has booted: in a
# container with this machine's /usr, an empty /etc and a network of its own,
# where only the units' own sandbox separates the server from the rest.
#
# This file boots it and is run in there again, with /out as its argument.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Cwd;
use File::Temp;
use Files qw(slurp_if_any);
use Room;
use Test::More;
use Wait;
use Web;

my $out = shift;

sub write_to {
	my ($path, $text) = @_;

	mkdir $path =~ s{/[^/]*\z}{}r;
	open my $fh, '>', $path or die "$path: $!\n";
	print $fh $text;
	close $fh;
}

# Outside.

sub nspawn {
	my (@argv) = @_;
	return system('systemd-nspawn -q -D / --volatile=yes --keep-unit ' .
	    "--register=no --private-network @argv >/dev/null 2>&1") == 0;
}

sub install {
	my ($root) = @_;
	my ($make) = grep { system("printf 'X != echo x\\nall:\\n' | " .
	    "$_ -f - >/dev/null 2>&1") == 0 } qw(make gmake bmake);

	local @ENV{qw(MAKEFLAGS MFLAGS)} = ('', '');
	# Those that build nothing do without a compiler, which make tries.
	for ('install install-chatweb', map {"$_ CC=true"}
	    'install-service INIT=tmpfiles',
	    map {"install-service install-chatweb-service $_"}
	    'INIT=systemd', 'INIT=sysusers') {
		system("$make -s $_ DESTDIR=$root >/dev/null") == 0 or
		    die "make $_ fails\n";
	}
}

# Boot, and return what was printed inside.
sub boot {
	my $dir = File::Temp->newdir;
	my $here = getcwd;

	install("$dir/root");
	mkdir "$dir/out";
	open my $unit, '>', "$dir/root/usr/local/lib/systemd/system/try.service"
	    or die "try.service: $!\n";
	print $unit <<~UNIT;
		[Unit]
		SuccessAction=poweroff-force
		FailureAction=poweroff-force
		[Service]
		Type=oneshot
		Environment=CHATC=/usr/local/bin/chatc
		WorkingDirectory=/tree
		ExecStart=$^X tests/970-systemd.t /out
		StandardOutput=append:/out/results
		StandardError=append:/out/results
		UNIT
	close $unit;
	nspawn("--bind=$dir/out:/out", "--bind-ro=$here:/tree",
	    "--bind-ro=$dir/root/usr/local:/usr/local", qw(--boot
	    systemd.show_status=no systemd.firstboot=off
	    systemd.unit=basic.target systemd.wants=try.service));
	return slurp_if_any("$dir/out/results");
}

sub outside {
	my $first = 'contrib/service/systemd/chatserv.service';
	my ($one, $other) = map { slurp_if_any($_) =~ s/\A(?:#.*\n)*//r } $first,
	    $first =~ s/\./@./r;
	is($other, $one =~ s/^(Description=.*)/$1 on port %i/mr =~
	    s/^(ExecStart=.*)/$1 localhost %i/mr =~
	    s/^(RuntimeDirectory=.*)/$1-%i/mr,
	    'a second room is confined as the first');

	for my $unit ('contrib/service/systemd/chatserv.service',
	    'contrib/chatweb/service/systemd/chatweb.service') {
		my $found = qx(systemd-analyze security --offline=1 $unit 2>&1);
		SKIP: {
			skip 'no systemd-analyze here', 1 if ($found // '') !~
			    /Overall exposure level.*: ([\d.]+)/;
			cmp_ok($1, '<', 2, 'systemd-analyze finds little ' .
			    'that the sandbox lets out');
		}
	}
	SKIP: {
		skip 'only root boots a container', 1 if $> != 0;
		skip 'the sandbox forbids what a sanitizer does', 1
		    if $ENV{SAN};
		skip 'no systemd-nspawn that works here', 1
		    if system('systemd-nspawn --version >/dev/null 2>&1') ||
		    !nspawn(qw(--as-pid2 true));
		my $results = boot();
		while ($results =~ /^(not )?ok \d+ - (.*)\n((?:\s*#.*\n)*)/mg) {
			ok(!$1, $2) or diag($3);
		}
		like($results, qr/^1\.\.\d+$/m,
		    'all that is to be seen under systemd has been seen') or
		    diag($results);
	}
	done_testing();
}

# Inside.

# Run a command; its exit status, and what it printed.
sub run {
	my (@command) = @_;

	my $run = Chatc->start(program => \@command, '--');
	my $status = $run->status;
	my $text = $run->out . $run->err;
	chomp $text;
	return ($status, $text);
}

sub printed { return (run(@_))[1] }
sub property { return printed(qw(systemctl show chatserv --value -p), @_) }

sub journal {
	return printed(qw(journalctl -q -o cat --no-pager -u chatserv -u chatweb));
}

# A test: systemctl does this.
sub does {
	my ($action, $unit, $name) = @_;

	my ($status, $text) = run('systemctl', $action, $unit);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($status, 0, $name) or diag($text, "\n", journal());
}

sub said {
	my ($chatc) = @_;
	return join ' ', $chatc->out =~ /\tmsg\ttalker\t(.*)/g;
}

# How many filters of system calls a process has.
sub filters {
	my ($pid) = @_;

	my ($n) = slurp_if_any("/proc/$pid/status") =~ /^Seccomp_filters:\s*(\d+)/m;
	return $n // -1;
}

sub service {
	does('start', 'chatserv.service', 'the service starts');
	my $pid = property('MainPID');
	like(printed('ps', '-o', 'user=,args=', '-p', $pid),
	    qr/^chatserv +chatserv: port 53000,/,
	    'as a user of its own, and is ready by then');
	like(printed('chatstat', '-1'), qr/, parent $pid:/,
	    'root can look at its segment');
	my $room = Room->at('127.0.0.1', 53000);
	$room->{pid} = $pid;
	my $plain = $room->enter('plain');
	is(filters($room->session_of('plain')), filters($pid) + 1,
	    'a session can put its seal on the sandbox');
	my @how = (env => { CHATC_PATIENCE => 1 }, '--', qw(-R -r));
	my $talker = Chatc->in_room($room, @how, qw(-n talker));
	my $ear = Chatc->in_room($room, @how, qw(-d -n ear));
	$ear->expect(qr/\tjoin\tear\t/);
	$talker->type("1\n2\n");
	$plain->sees('<talker> 2', 'clients talk');

	kill 'KILL', $pid;
	$talker->type("3\n4\n");
	ok(Wait::until_true(sub { property('NRestarts') == 1 }, 0.05),
	    'it is started again when it is killed');
	$ear->expect(qr/\tmsg\ttalker\t4\n/);
	$talker->type("5\n");
	$ear->expect(qr/\tmsg\ttalker\t5\n/);
	is(said($ear), '1 2 3 4 5', 'and nothing said is lost, or doubled');
	$_->signal('TERM') for $talker, $ear;
	unlike(journal(), qr/\bcannot\b|\bdied\b|forbidden/,
	    'nothing it does is forbidden to it');

	$plain = $room->enter('plain');
	does('reload', 'chatserv.service', 'it is told to read its lists again');
	another();
	$plain->say('still here')->sees('<plain> still here', 'nobody leaves');
	does('stop', 'chatserv.service', 'it is stopped');
	$plain->sees('-- goodbye (server stopping)', 'in order');
	is(property('Result'), 'success', 'as systemd saw too');
	is(join(' ', $room->shared_objects), '', 'and leaves nothing');
}

# A second room, beside the first; and a segment that nobody tidies up.
sub another {
	does('start', 'chatserv@53001.service', 'another room opens');
	my $room = Room->at('127.0.0.1', 53001);
	$room->enter('other')->say('two')->sees('<other> two', 'beside the first');
	is(join(' ', glob '/run/chatserv*'), '/run/chatserv /run/chatserv-53001',
	    'each has a directory of its own');
	my @segments = glob '/dev/shm/chatserv.*';
	write_to('/etc/tmpfiles.d/tidy.conf', "d /dev/shm 1777 root root 0\n");
	write_to('/dev/shm/other', '');
	run(qw(systemd-tmpfiles --clean));
	is(join(' ', glob '/dev/shm/*'), join(' ', @segments),
	    'who tidies up there leaves their segments alone');
	does('stop', 'chatserv@53001.service', 'it closes alone');
}

sub sockets {
	does('start', 'chatserv.socket', 'the sockets work alone');
	is(property('ActiveState'), 'inactive', 'with no server behind them');
	my $room = Room->at('127.0.0.1', 53000);
	ok($room->enter('first'), 'the first client starts it');
	is(printed(qw(chatc -dq -w 0 -u /run/chat.sock)), '',
	    'others come by the unix socket');
	kill 'KILL', property('MainPID');
	ok($room->enter('second'), 'when it is killed clients only wait');
	does('stop', 'chatserv.socket', 'the sockets go');
	does('stop', 'chatserv.service', 'and the server');
	is(join(' ', $room->shared_objects, glob '/run/chat*'), '',
	    'and nothing is left');
}

# The sockets for browsers, and chatweb behind them, which finds the room.
sub browsers {
	does('start', 'chatserv.service', 'a room for browsers');
	does('start', 'chatweb.socket', 'the sockets for browsers');
	my $room = Room->at('127.0.0.1', 53000);
	my $web = bless { host => '127.0.0.1', port => 8080 }, 'Web';
	like($web->answer($web->request('/')), qr{\AHTTP/1.1 200 },
	    'the first browser starts chatweb, and has the page');
	my $bob = $room->enter('bob');
	$web->browse('ann')->say('hello');
	$bob->sees('<ann> hello', 'it joins and talks');
	my $pid = printed(qw(systemctl show chatweb --value -p MainPID));
	like(printed('ps', '-o', 'user=', '-p', $pid), qr/^chatweb$/,
	    'chatweb is a user of its own');
	kill 'KILL', $pid;
	like($web->answer($web->request('/')), qr{\AHTTP/1.1 200 },
	    'when it is killed browsers only wait');
	does('stop', 'chatweb.socket', 'the sockets go');
	does('stop', 'chatweb.service', 'and chatweb');
	is(printed(qw(systemctl show chatweb --value -p Result)), 'success',
	    'in order');
	does('stop', 'chatserv.service', 'and the room');
}

sub inside {
	my @units = map {"/usr/local/lib/systemd/system/$_"}
	    'chatserv@.service',
	    map { ("$_.service", "$_.socket") } qw(chatserv chatweb);

	is(printed(qw(systemd-analyze verify --man=no), @units), '',
	    'systemd finds nothing wrong with the units');
	# An empty /etc has all units enabled that there are.
	does('stop', "$_.socket", "the sockets of $_ are there for a start")
	    for qw(chatserv chatweb);
	service();
	sockets();
	browsers();
	done_testing();
}

END {
	my $status = $?;
	diag(journal()) if $out && ($status || !Test::More->builder->is_passing);
	$? = $status;
}

$out ? inside() : outside();
