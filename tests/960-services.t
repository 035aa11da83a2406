#!/usr/bin/env perl
#
# Goal: the service files for s6 and runit, installed unchanged, run under the
# real supervisors: only the arguments and the places of the logs are the
# test's, in the files meant for them.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp;
use Files qw(slurp_if_any);
use POSIX qw(mkfifo);
use Room;
use Test::More;
use Wait;

# The same things done with each, in the directory of the service.
my %supervisors = (
	s6 => {
		needs => [qw(s6-svscan s6-svwait s6-svc s6-svstat s6-log)],
		scan => 's6-svscan',
		end => 'TERM',
		ready => 's6-svwait -U -t 30000 .',
		stop => 's6-svc -wD -T 30000 -d .',
		start => 's6-svc -wU -T 30000 -u .',
		pid => 's6-svstat -o pid .',
		is_ready => 's6-svstat -o ready .',
		stamp => qr/\@[0-9a-f]{24}/,
	},
	runit => {
		needs => [qw(runsvdir sv svlogd)],
		scan => 'runsvdir',
		end => 'HUP',
		ready => 'sv -w 30 start .',
		stop => 'sv -w 30 stop .',
		start => 'sv -w 30 start .',
		pid => 'cat supervise/pid',
		is_ready => 'sh -c "./check && echo true || echo false"',
		stamp => qr/\d{4}-\d\d-\d\d_[\d:.]+/,
	},
);

my ($make) = grep { system("printf 'X != echo x\\nall:\\n' | $_ -f - " .
    '>/dev/null 2>&1') == 0 } qw(make gmake bmake);
my $sbin = dirname(abs_path($Room::PROGRAM));
my ($dir, $scan, $do);		# of the supervisor that is looked at

sub has { grep { -x "$_/$_[0]" } split /:/, $ENV{PATH} }

sub write_to {
	my ($path, $text) = @_;

	open my $fh, '>', $path or die "$path: $!\n";
	print $fh $text;
	close $fh;
}

# Make the supervisor do this.
sub begin {
	my ($what) = @_;

	return Chatc->start(program =>
	    ['sh', '-c', "cd $dir/sv/chatserv && exec $do->{$what}"], '--');
}

# The same, and true if it succeeds, with what it printed.
sub order {
	my ($what) = @_;

	my $run = begin($what);
	return $run->status == 0 && ($run->out =~ s/\n\z//r || 'nothing');
}

# A new supervisor, with only our service, on a free port.
sub supervise {
	my ($name) = @_;

	$do = $supervisors{$name};
	local @ENV{qw(MAKEFLAGS MFLAGS)} = ('', '');
	is(system("$make install-service INIT=$name SERVICEDIR=$dir/sv " .
	    "CC=true DESTDIR= SBINDIR=$sbin >/dev/null"), 0, 'is installed');
	write_to("$dir/sv/chatserv/conf", "set -- 127.0.0.1 0\n");
	write_to("$dir/sv/chatserv/log/conf", "dir=$dir/log\n");
	$scan = Chatc->start(program => [$do->{scan}, "$dir/sv"], '--');
}

# And its end.  Its services share its standard error, and end first.
sub end {
	return if !$scan;
	$scan->signal($do->{end});
	$scan->status;
	undef $scan;
}

END { local $?; end() }

# Its port, from its log; the next start uses the same.
sub room {
	my $log = Wait::until_true(
	    sub { slurp_if_any("$dir/log/current") =~ /listening on (.*)\n/ && $1 },
	    0.05) or die "the log says nothing: " . slurp_if_any("$dir/log/current");
	my ($host, $port) = $log =~ /(\S+) port (\d+)/;
	write_to("$dir/sv/chatserv/conf", "set -- $host $port\n");
	return Room->at($host, $port);
}

# Start it again, but hold it before it runs.
sub starts_slowly {
	my $conf = slurp_if_any("$dir/sv/chatserv/conf");

	mkfifo("$dir/gate", 0600) or die "mkfifo: $!\n";
	open my $gate, '+<', "$dir/gate" or die "gate: $!\n";
	write_to("$dir/sv/chatserv/conf", "read -r _ <$dir/gate\n$conf");
	my $start = begin('start');
	Wait::until_true(sub { order('pid') =~ /\A[1-9]/ }, 0.05) or
	    die "it is not even begun\n";
	is(order('is_ready'), 'false', 'is not ready since it was so once');
	syswrite $gate, "\n";
	is($start->status, 0, 'and is started');
}

sub said {
	my ($chatc) = @_;
	return join ' ', $chatc->out =~ /\tmsg\ttalker\t(.*)/g;
}

sub looked_at {
	my ($name) = @_;

	supervise($name);
	ok(Wait::until_true(sub { order('ready') }, 0.05), 'says it is ready');
	my $room = room();
	my $plain = $room->enter('plain');
	my @how = (env => { CHATC_PATIENCE => 1 }, '--', qw(-R -r));
	my $talker = Chatc->in_room($room, @how, qw(-n talker));
	my $ear = Chatc->in_room($room, @how, qw(-d -n ear));
	$ear->expect(qr/\tjoin\tear\t/);
	$talker->type("1\n2\n");
	$plain->sees('<talker> 2', 'a client talks');

	my $pid = order('pid');
	kill 'KILL', $pid or die "kill $pid: $!\n";
	$talker->type("3\n4\n");
	ok(Wait::until_true(sub {
		my $new = order('pid');
		return $new && $new =~ /\A\d+\z/ && $new ne $pid;
	}, 0.05), 'is started again when it is killed');
	$ear->expect(qr/\tmsg\ttalker\t4\n/);
	$talker->type("5\n");
	$ear->expect(qr/\tmsg\ttalker\t5\n/);
	is(said($ear), '1 2 3 4 5', 'and no message is lost or doubled');
	ok(order('ready'), 'it is ready again');
	like(slurp_if_any("$dir/log/current"), qr/\A(?:$do->{stamp} chatserv: .*\n)+\z/,
	    'each line of its log is there, with its time');

	$plain = $room->enter('plain');
	ok(order('stop'), 'is stopped');
	$plain->sees('-- goodbye (server stopping)', 'in order');
	is(join(' ', $room->shared_objects), '', 'and leaves nothing');
	starts_slowly();
	ok($room->enter('again'), 'for clients to come');
	end();
	is(join(' ', $room->shared_objects), '',
	    'nor does the end of its supervisor leave anything');
}

for my $name (sort keys %supervisors) {
	my @missing = grep { !has($_) } @{ $supervisors{$name}{needs} };

	subtest "chatserv under $name" => sub {
		plan skip_all => "no @missing here" if @missing;
		$dir = File::Temp->newdir;
		chmod 0755, $dir;
		looked_at($name);
	};
}
done_testing();
