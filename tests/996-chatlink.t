#!/usr/bin/env perl
#
# Goal: what one room says is said once, whole and in order in the rooms of
# other hosts, whichever process between them is killed; nothing goes round in
# circles; and nobody from elsewhere is taken for somebody here.

use strict;
use warnings;
use lib 'tests/lib';
use Hosts;
use Test::More;

my $missing = Hosts::missing();
plan skip_all => $missing if $missing;
Room::allows(qr/.*: (?:link|link\/0) left \(killed\)/,
    qr/.*took over.*/, qr/.*: joined as link.*/, qr/room .*/);

my $hosts = Hosts->start(nodes => 1, hosts => [qw(ha hb)]);
my $ann = $hosts->enter('ha', 'ann');
my $bob = $hosts->enter('hb', 'bob');

# ---- what goes from room to room ----

$ann->say('hello');
$bob->sees(qr/\tmsg\tann\/ha\thello$/, 'a line of one room comes to the other');
$bob->say('!me waves');
$ann->sees(qr/\tme\tbob\/hb\twaves$/, 'an action comes back');
$ann->say("\e" x 4000);
$bob->sees(qr/\tmsg\tann\/ha\t(?:\\033){4000}$/,
    'a text comes as the first room shows it, and is not escaped again');
my $cron = $hosts->room('ha')->connect->say('!outside cron')->say('backup');
$bob->sees(qr/\tmsg\tcron\*\S*\/ha\tbackup$/,
    'also what is said from outside a room');
# Who is there is told aside, at most once a second.
ok(Wait::until_true(sub {
	$bob->say('!msg link who');
	return grep { /\tpriv\tlink>bob\tha, 1: ann$/ }
	    $bob->expect(qr/\tpriv\tlink>bob\t/);
}, 0.1), 'one can ask who is elsewhere');
$bob->say('!msg ann/ha psst');
$bob->sees(qr/\terr\t\tnobody here/, 'but speak with nobody alone');
$bob->say('last');
my @heard = $ann->expect(qr/\tmsg\tbob\/hb\tlast$/);
is(scalar(grep { m{/ha} } @heard), 0, 'nothing comes back to where it was said');

# ---- kills ----

sub count_to {
	my ($first, $last) = @_;
	$ann->say("line $_") for $first .. $last;
}

# bob heard each of these lines, once and in order.
sub in_order {
	my ($first, $last, $name) = @_;

	my @lines = $bob->expect(qr/\tmsg\tann\/ha\tline $last$/);
	my @numbers = map { /\tmsg\tann\/ha\tline (\d+)$/ ? $1 : () } @lines;
	is("@numbers", join(' ', $first .. $last), $name) or
	    Test::More::diag($hosts->link('hb')->log);
}

count_to(1, 300);
ok($hosts->kill_worker('hb', 'in'), 'the process in is killed');
count_to(301, 600);
in_order(1, 600, 'and everything comes once and in order');
count_to(601, 900);
ok($hosts->kill_worker('ha', 'out'), 'the process out is killed');
count_to(901, 1200);
in_order(601, 1200, 'and everything comes once and in order');
count_to(1201, 1500);
$hosts->{node}[0]->kill('KILL');
count_to(1501, 1600);
$ann->expect(qr/\tline 1600$/);
pass('a room goes on without the engine');
$hosts->start_node(0);
in_order(1201, 1600, 'and everything comes later');
count_to(1601, 1700);
$hosts->link('hb')->kill('KILL');
count_to(1701, 1800);
$hosts->start_link('hb');
in_order(1601, 1800, 'so it is if a link is killed as a whole');

# ---- operation ----

my $second = Hosts::Daemon->start($Hosts::LINK, $hosts->link_options('hb'));
is($second->status, 1, 'a second link with the same state is refused');
like($second->log, qr{state/hb is in use by pid \d+}, 'and told why');
$hosts->link('hb')->signal('USR2');
$hosts->link('hb')->expect_log(qr/in: \d+ of the stream is said, of at least/);
$hosts->link('hb')->expect_log(qr/out: the stream has all up to \d+/);
pass('at USR2 both processes tell how far they are');
is($hosts->link($_)->end, 0, "the link of $_ ends in order") for qw(ha hb);
delete $hosts->{link};
{
	local $Room::PROGRAM = $Hosts::LINK;
	my $file = $hosts->path('pid');
	my ($status, $output) = Room->run('-b', '-p', $file,
	    $hosts->link_options('hb'));
	is($status, 0, 'with -b it exits once its link has begun') or
	    diag $output;
	open my $fh, '<', $file or die "$file: $!\n";
	chomp(my $pid = <$fh>);
	my $log = readlink "/proc/$pid/fd/2";
	kill 'TERM', $pid;
	Wait::until_true(sub { !readlink "/proc/$pid/exe" }, 0.1);
	SKIP: {
		skip 'the system does not show descriptors', 1 if !$log;
		like($log, qr/^socket:/, "and logs to the system's log");
	}
}
$_->close for $ann, $bob, $cron;
$hosts->stop;
done_testing();
