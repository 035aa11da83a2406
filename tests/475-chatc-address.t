#!/usr/bin/env perl
#
# Goal: if an address has no chatserv, chatc reports at once what another
# program says there, and tries the host's other addresses.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
use IO::Socket::INET;
use Room;
use Socket qw(AF_INET6 SOCK_STREAM inet_pton pack_sockaddr_in6);
use Test::More;
use Wait;

# Servers of other protocols, with their first words.
my %foreign = ("SSH-2.0-OpenSSH_9.2\r\n" => qr/it says "SSH-2.0-OpenSSH_9.2"$/m,
    "220 mail.example.org\r\n" => qr/it says "220 mail.example.org"$/m,
    "J\0\0\0\n8.0" => qr/it says "J\\000\\000\\000"$/m,
    "\e[2J\e]0;x\a" => qr/it says "\\033\[2J\\033\]0;x\\007"$/m);
for my $words (sort keys %foreign) {
	my $listener = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1') or die;
	my $chatc = Chatc->start(env => { CHATC_PATIENCE => 300 }, '--',
	    qw(-n x 127.0.0.1), $listener->sockport);
	my $server = $listener->accept;
	syswrite $server, $words;
	is($chatc->end->status, 69, 'another protocol is not a chatserv');
	like($chatc->err, $foreign{$words}, 'which is reported at once');
	unlike($chatc->err, qr/[^\n -~]/, 'and harmlessly');
}

# One address that accepts and says nothing, and another with the room: a
# name that has both, in a file of hosts of our own.
my $room = Room->start;
my $dir = File::Temp->newdir;
open my $hosts, '>', "$dir/hosts" or die;
print $hosts "::1 both\n127.0.0.1 both\n";
close $hosts;
my @there = (program => ['unshare', '-m', 'sh', '-c',
    "mount --bind $dir/hosts /etc/hosts && exec \"\$@\"", 'sh',
    $Chatc::PROGRAM]);
SKIP: {
	skip 'not root, or no unshare', 3
	    if $> != 0 || system('unshare -m true 2>/dev/null') != 0;
	socket my $six, AF_INET6, SOCK_STREAM, 0 or skip "IPv6: $!", 3;
	setsockopt $six, Socket::SOL_SOCKET(), Socket::SO_REUSEADDR(), 1;
	bind $six, pack_sockaddr_in6($room->{port}, inet_pton(AF_INET6, '::1'))
	    or skip "::1: $!", 3;
	listen $six, 9 or die;
	my $chatc = Chatc->start(@there, '--', '-n', 'next', 'both',
	    $room->{port});
	accept my $closed, $six or die;
	close $closed;
	$chatc->shows(qr/next joined/,
	    'after one that closes, chatc tries the next');
	is($chatc->end->status, 0, 'and all is well');
	my $patient = Chatc->start(@there, env => { CHATC_PATIENCE => 4 },
	    '--', '-n', 'silent', 'both', $room->{port});
	accept my $mute, $six or die;
	$patient->shows(qr/silent joined/, 'and after one that is silent');
}

$room->stop;
done_testing();
