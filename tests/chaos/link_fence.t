#!/usr/bin/env perl
#
# Goal: the engine stores nothing of a host that does not follow what it has
# last stored of it (fencing).  What a process "out" had on its way when it
# died does not come after what its successor has said; and a stream that has
# lost messages is filled again before it gets a new one.

use strict;
use warnings;
use lib 'tests/lib';
use File::Path qw(remove_tree);
use Hosts;
use Proxy;
use Test::More;

my $missing = Hosts::missing();
plan skip_all => $missing if $missing;
Room::allows(qr/.*: joined as link.*/, qr/.*: link\S* left \(killed\)/);

# ---- an old process, and a new one ----

my $hosts = Hosts->start(nodes => 1, hosts => ['hb']);
my $proxy = Proxy->new($hosts->{urls}[0] =~ m{//(.*):(.*)});
my $bob = $hosts->enter('hb', 'bob');
$hosts->{number}{ha} = Client::free_port();
$hosts->start_room('ha');
{
	local $hosts->{urls} = ["nats://127.0.0.1:$proxy->{port}"];
	$hosts->start_link('ha');
}
my $ann = $hosts->enter('ha', 'ann');
$ann->say('one');
$bob->sees(qr{\tmsg\tann/ha\tone$}, 'a line comes');
$_->hold for $proxy->pairs;
$ann->say('two');
my $late = Wait::until_true(sub {
	return (grep { $_->held =~ /two/ } $proxy->pairs)[0];
});
ok($late, 'the next line is on its way for long');
$hosts->link('ha')->kill('KILL');
$ann->close;
# In another room, so that the new process cannot say the same again.
$hosts->room('ha')->stop;
$hosts->start_room('ha');
$hosts->start_link('ha');
$ann = $hosts->enter('ha', 'ann');
$ann->say('three');
$bob->sees(qr{\tmsg\tann/ha\tthree$}, 'meanwhile another process goes on');
$late->release;
ok(Wait::until_true(sub { $late->heard =~ /"seq":/ }),
    'what the old one sent arrives');
like($late->heard, qr/wrong last sequence/, 'and is refused');
$ann->say('four');
my @lines = $bob->sees(qr{\tmsg\tann/ha\tfour$}, 'the new one still goes on');
is(scalar(grep { /\ttwo$/ } @lines), 0, 'an old line does not follow new ones');

# ---- a stream that has lost what nobody has read ----

my $COUNT = 50;
delete($hosts->{link}{hb})->end;
$ann->say("line $_") for 1 .. $COUNT;
my ($last) = $ann->expect(qr/\tmsg\tann\tline $COUNT$/) =~ /^(\d+)/;
ok(Wait::until_true(sub {
	$hosts->link('ha')->signal('USR2');
	return $hosts->link('ha')->log =~ /out: the stream has all up to $last/;
}, 0.1), 'lines are stored that one room has not read');
$hosts->{node}[0]->kill('KILL');
remove_tree("$hosts->{dir}/js0");
$hosts->start_node(0);
$hosts->make_stream;
$hosts->link('ha')->expect_log(qr/out: the engine: it answers again/);
$ann->say('line ' . ++$COUNT);
$hosts->start_link('hb');
my @numbers = map { m{\tmsg\tann/ha\tline (\d+)$} ? $1 : () }
    $bob->expect(qr{\tmsg\tann/ha\tline $COUNT$});
is("@numbers", join(' ', 1 .. $COUNT),
    'when the stream is gone, all arrives in order again');
$_->close for $ann, $bob;
$hosts->stop;
done_testing();
