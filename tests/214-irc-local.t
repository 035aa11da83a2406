#!/usr/bin/env perl
#
# Goal: on the unix-domain socket an IRC client is who the kernel says, and
# words there are taken for IRC's only with its line ends; a trusted peer can
# bring IRC clients in.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp qw(tempdir);
use IRC;
use Room;
use Test::More;

my ($me) = getpwuid $>;
my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;
my $path = "$dir/chat.sock";
my $room = Room->start('-N', 'irc.example', '-u', $path);
my $carol = $room->enter('carol');

sub local_client {
	return bless $room->connect(path => $path), 'IRC';
}

my $one = local_client();
$one->say('NICK other')->say('USER u 0 * :U');
$one->sees(qr/^:irc\.example 001 \Q$me\E /, 'NICK does not change who one is');
$carol->sees("-- $me joined", 'the room sees the login name');
my $two = local_client();
$two->say('CAP LS 302')->say('NICK x')->say('USER u 0 * :U')->say('CAP END');
$two->sees(qr{^:irc\.example 001 \Q$me\E/2 }, 'a second one has a number');
$two->say("PRIVMSG $me :psst");
$one->sees(qr{^:\Q$me\E/2!chat\@irc\.example PRIVMSG \Q$me\E :psst$},
    'by which others know it');
$one->say("PRIVMSG $me/2 :and you?");
$two->sees(qr/ PRIVMSG \Q$me\E\/2 :and you\?$/, 'and can tell it things');
$two->say('NICK someone')->sees(qr{ 432 \Q$me\E/2 someone },
    'nobody takes a name that is not its own');

my $speech = $room->connect(path => $path);
$speech->say('NICK said hello');
$carol->sees(qr{^<\Q$me\E/3> NICK said hello$},
    'without a CR a first line is something to say');
$room->stop;

# A trusted peer, which brings somebody.
$room = Room->start('-N', 'irc.example', '-u', $path, '-L', $me);
my $gateway = local_client();
$gateway->send("!from 192.0.2.7\n")->say('NICK guest')->say('USER u 0 * :U');
$gateway->sees(qr/ 001 guest /, 'a gateway brings an IRC client');
$gateway->expect(qr/ 366 /);
$gateway->say('WHOIS guest');
$gateway->sees(qr/ 378 guest guest :is connecting from 192\.0\.2\.7$/,
    'of the address that it says');
my $proxy = local_client();
$proxy->send("PROXY TCP4 192.0.2.8 192.0.2.9 1 2\r\n")
    ->say('USER u 0 * :U')->say('NICK a/b');
$proxy->sees(qr{ 432 \* a/b }, 'who is brought has no more rights than others');
$proxy->say('NICK proxied')->sees(qr/ 001 proxied /, 'and joins as others do');
$room->stop;
done_testing();
