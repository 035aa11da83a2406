#!/usr/bin/env perl
#
# Goal: on the unix-domain socket, a chatweb that -L names lets browsers
# choose any name and be known by their own addresses, and has given up what
# it does not need; one that -L does not name is refused, with a word on the
# page and in the log.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp;
use Room;
use Test::More;
use Web;

my ($uid) = (getpwnam 'daemon')[2];
plan skip_all => 'only root can be another user' if $> != 0 || !defined $uid;
my $dir = File::Temp->newdir;
chmod 0755, $dir;
my $path = "$dir/sock";
my $room = Room->start('-u', $path, '-L', 'daemon', '-M', 2);
my $web = Web->start($room, '-u', $path, '-U', 'daemon', '-P', '127.0.0.2');
my $ear = $room->enter('ear', tsv => 1);

# ---- a trusted one ----

my $ann = $web->browse('ann');
$ear->sees(qr/\tjoin\tann\t127\.0\.0\.1$/, 'the room sees the address');
$room->logs(qr/127\.0\.0\.1 port 0 pid \d+: joined as ann/,
    'and so is its log');
my $far = $web->browse('far', local => '127.0.0.2', 'X-Forwarded-For' =>
    '198.51.100.1, 2001:db8::7');
$ear->sees(qr/\tjoin\tfar\t2001:db8::7$/, 'the proxy may name another');
my $two = $web->browse('two', local => '127.0.0.3', 'X-Forwarded-For' =>
    '2001:db8::8');
$ear->sees(qr/\tjoin\ttwo\t127\.0\.0\.3$/, 'but nobody else may');
my $most = $web->socket(local => '127.0.0.2', 'X-Forwarded-For' => '127.0.0.1')
    ->say('most');
$most->sees("-\terr\t\ttoo many clients from your address",
    'the limit for an address holds, and the page can say so');
is($most->closed, 1001, 'that is its end');
$ann->say('!from bob/hostb I am bob');
$ann->sees(qr/\terr\t\tonly a trusted peer/, 'no browser speaks for others');
my $liar = $web->socket(local => '127.0.0.4')->say('!from 192.0.2.1');
$liar->sees(qr/\terr\t\tno such command/, 'or from elsewhere');
is($liar->say('liar')->expect(qr/\tjoin\tliar\t/) =~ /(\S+)$/ && $1,
    '127.0.0.4', 'it keeps its address');

# ---- what it has given up ----

SKIP: {
	skip 'this is what Linux does, and no sanitizer', 6
	    if $^O ne 'linux' || $ENV{SAN};
	my ($child) = grep { $_->{title} =~ /: 2001:db8::7(?!\S)/ } $web->children;
	ok($child, 'ps shows the address') or diag(map {"$_->{title}\n"}
	    $web->children);
	for ([$web->pid, 'the parent'], [$child->{pid}, 'a child']) {
		my ($pid, $who) = @$_;
		open my $fh, '<', "/proc/$pid/status" or die "status: $!\n";
		my $status = join '', <$fh>;
		like($status, qr/^Uid:(?:\s+$uid){4}$/m, "$who is daemon");
		is(readlink("/proc/$pid/root"), "$dir",
		    "$who sees the directory of the socket alone");
		like($status, qr/^Seccomp:\s+2$/m, "$who is sealed")
		    if $pid != $web->pid;
	}
}
$web->stop;

# ---- one that is not trusted ----

Room::expects(qr/127\.0\.0\.1: refused: the room does not trust .*/);
my $stranger = Web->start($room, '-u', $path, '-U', 'bin');
my $eve = $stranger->socket;
$eve->sees(qr/^-\terr\t\tthe room does not trust this gateway/,
    'a gateway that is not trusted says so in the page');
is($eve->closed, 1011, 'and closes');
$stranger->logs(qr/does not trust this gateway.*-L of chatserv\(8\)/,
    'and says in its log what would help');
$stranger->stop;
Room::allows(qr/.* pid \d+: refused: .*/);
$room->stop;
done_testing();
