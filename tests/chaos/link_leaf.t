#!/usr/bin/env perl
#
# Goal: a link can have its node in a leaf of the engine, which has a mirror of
# the stream under the same name: what many links read, the engine delivers to
# the leaf once.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp;
use Files qw(spew);
use Hosts;
use Pace;
use Test::More;

my $missing = Hosts::missing();
plan skip_all => $missing if $missing;
Room::allows(qr/.*: joined as link.*/, qr/room .*/);
my $files = File::Temp->newdir;

sub configure {
	my ($name, $text) = @_;

	spew("$files/$name", $text);
	return "$files/$name";
}

my ($leaves, $port) = (Client::free_port(), Client::free_port());
my $hosts = Hosts->start(nodes => 1, hosts => ['ha'], node_options => ['-c',
    configure('hub', "jetstream { domain: hub }\n" .
    "leafnodes { listen: \"127.0.0.1:$leaves\" }\n")]);
$hosts->{node}[1] = Hosts::Daemon->start('nats-server', '-c',
    configure('leaf', "listen: \"127.0.0.1:$port\"\n" .
    "jetstream { domain: leaf, store_dir: \"$files/js\" }\n" .
    "leafnodes { remotes: [ { url: \"nats://127.0.0.1:$leaves\" } ] }\n"));
$hosts->{node}[1]->expect_log(qr/Server is ready/);
$hosts->{node}[0]->expect_log(qr/Leafnode connection created/);
my @hub = @{ $hosts->{urls} };
$hosts->{urls} = ["nats://127.0.0.1:$port"];
my $made = $hosts->ask('$JS.API.STREAM.CREATE.chat-test', '{"name":' .
    '"chat-test","mirror":{"name":"chat-test","external":{"api":' .
    '"$JS.hub.API"}},"retention":"limits","storage":"file","num_replicas":1}');
ok($made->{config}{mirror}, 'a leaf has a mirror of the stream') or
    diag(explain($made));
$hosts->{number}{hb} = Client::free_port();
$hosts->start_room('hb');
$hosts->start_link('hb');

my ($ann, $bob) = ($hosts->enter('ha', 'ann'), $hosts->enter('hb', 'bob'));
$ann->say('hello');
$bob->sees(qr/\tmsg\tann\/ha\thello$/, 'what is said comes out of the mirror');
$bob->say('hello yourself');
$ann->sees(qr/\tmsg\tbob\/hb\thello yourself$/, 'and into the stream');
my $pace = Pace->start($hosts, 200, qw(hb ha));
$pace->settle($pace->speak(1));
is($pace->odd, 0, 'line by line');
ok(eval { Pace::file($hosts, 20_000, qw(hb ha)) }, 'and a file, too') or
    diag($@);
ok(eval { Pace::file($hosts, 20_000, qw(ha hb)) }, 'both ways') or diag($@);
$_->close for $ann, $bob;
$pace->stop;
$hosts->stop;
done_testing();
