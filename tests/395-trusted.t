#!/usr/bin/env perl
#
# Goal: a user whom -L names may say on the unix-domain socket for whom it
# speaks, once and first of all, as gateways and TLS proxies do; the room
# knows, counts and logs its clients by their addresses.  Nobody else may do
# so in any way.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp;
use IRC;
use Room;
use Test::More;

my ($gateway, $stranger) = map { scalar getpwnam $_ } qw(daemon bin);
plan skip_all => 'only root can be three users'
    if $> != 0 || !defined $gateway || !defined $stranger;
my $dir = File::Temp->newdir;
chmod 0755, $dir;
my $path = "$dir/sock";
my $room = Room->start('-u', $path, '-L', 'daemon', '-M', 2);
my $ear = $room->enter('ear', tsv => 1);

# A client of this user's on the socket.
sub client {
	my ($user, $class) = @_;
	my ($uid, $gid) = (getpwnam $user)[2, 3];

	local ($), $>) = ("$gid $gid", $uid);
	return bless Client->connect(path => $path), $class // 'Client';
}

# ---- !from ----

my $ann = client('daemon')->say('!from 192.0.2.7')->say('ann');
$ann->sees(qr/^-- welcome ann,/, 'a gateway lets a browser have any name');
$ear->sees(qr/\tjoin\tann\t192\.0\.2\.7$/, 'the room sees its address');
$room->logs(qr/192\.0\.2\.7 port 0 pid \d+: joined as ann/,
    'and so is the log');
$ann->say('!from bob/hostb I am bob');
$ann->sees(qr/^!! only a trusted peer/, 'it may not speak for anybody else');
$ann->say('!name a/b')->sees(qr/^!! that name has a \//,
    'and cannot have a name that only the system gives');
my $two = client('daemon')->say('!from 192.0.2.7')->say('two');
$two->expect(qr/^-- welcome two,/);
my $three = client('daemon')->say('!from 192.0.2.7')->say('three');
$three->sees('!! too many clients from your address', '-M counts by address');
$three->ends('and the third is refused');
my $six = client('daemon')->say('!from 2001:db8::1')->say('six');
$six->sees(qr/^-- welcome six,/, 'another address counts apart');
client('daemon')->say('!from 2001:db8::2')->say('six2')
    ->expect(qr/^-- welcome six2,/);
client('daemon')->say('!from 2001:db8::ffff:3')->say('six3')
    ->sees('!! too many clients from your address', 'a /64 is one address');
client('daemon')->say("!from $_")->sees('!! that is no address to speak for',
    "\"$_\" is refused") for '', 'host.example', '1.2.3', '192.0.2.7 x';

# ---- the PROXY protocol ----

my $tls = client('daemon')->send("PROXY TCP4 198.51.100.9 192.0.2.1 4711 53000\r\n")
    ->say('tess');
$tls->sees(qr/^-- welcome tess,/, 'a line of the PROXY protocol is believed');
$room->logs(qr/198\.51\.100\.9 port 4711 pid \d+: joined as tess/,
    'with address and port');
my $irc = client('daemon', 'IRC');
$irc->say('PROXY TCP6 2001:db8:1::9 ::1 4712 53000');
$irc->say('NICK irene')->say('USER i 0 * :I');
$irc->sees(qr/ 366 irene /, 'and IRC may follow it');
client('daemon')->send("PROXY $_\r\n")->sees(qr/^!! (?:that is no line|that is no address|the proxy does not)/,
    "refused: PROXY $_") for 'TCP4 1.2.3.4', 'TCP6 1.2.3.4 ::1 1 2',
    'TCP4 x y 1 2', 'TCP4 1.2.3.4 1.2.3.4 99999 1', 'UNKNOWN';

# ---- nobody else ----

my $bin = client('bin')->say('!from 192.0.2.8');
$bin->sees(qr/^!! no such command before the name/, 'no other user may');
$bin->say('')->sees(qr/^-- welcome bin,/, 'and keeps its own name');
$ear->expect(qr/\tjoin\tbin\tlocal$/);
my $tcp = $room->connect->say('!from 192.0.2.8');
$tcp->sees(qr/^!! no such command before the name/, 'nor anybody by TCP');
$tcp->say('PROXY TCP4 1.2.3.4 1.2.3.4 1 2')->sees(qr/^!! the name PROXY TCP4/,
    'nor by PROXY');
$tcp->say('tom')->expect(qr/^-- welcome tom,/);
$tcp->say('!from a/b c')->sees(qr/^!! only a trusted peer/, 'nor later');

# ---- a link to another room ----

my $link = client('daemon')->say('link');
$link->expect(qr/^-- welcome link,/);
$link->say('!from alice/hostb hello there');
$ear->sees(qr/\tmsg\talice\/hostb\thello there$/,
    'a link says who said something in another room');
$link->say('!me-from alice/hostb waves');
$ear->sees(qr/\tme\talice\/hostb\twaves$/, 'or did');
for my $speaker ('root/2', 'cron*', 'cron*root') {
	$link->say("!from $speaker/hostb hello");
	$ear->sees(qr/\tmsg\t\Q$speaker\E\/hostb\thello$/,
	    "$speaker is called so elsewhere too");
}
my $name = 'x' x 32 . '/hosthost';
my $escapes = '\\033' x 4096;
$link->say("!from $name $escapes");
$ear->sees(qr/\tmsg\t\Q$name\E\t\Q$escapes\E$/,
    'a text of the other room\'s comes whole, and is not escaped again');
for ('alice hello', 'alice/2 hello', 'alice/HOST hello', '/host hello',
    'alice/hosthosth hello', "$name", 'a b/host hello', 'a/hostb/hostc hello',
    '*/hostb hello', '/2/hostb hello') {
	$link->say("!from $_")->sees(qr/^!! (?:that is no name|there is no text)/,
	    "refused: !from $_");
}
$link->say("!from alice/hostb raw \e[2J")->sees('!! that text is not visible',
    'a text that was not made visible is refused');
$link->say('!from alice/hostb ' . 'x' x 16385)
    ->sees(qr/^!! (?:there is no text|that line is longer)/,
    'and one that no room can hold');

Room::allows(qr/\S+ port \d+ pid \d+: refused: .*/,
    qr/local uid \d+ pid \d+: refused: .*/);
$room->stop;
done_testing();
