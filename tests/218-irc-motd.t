#!/usr/bin/env perl
#
# Goal: IRC clients are shown the administrator's file, which the parent reads
# again at SIGHUP, even if it was started as root and has called chroot(2);
# whatever the file contains, it fits.

use strict;
use warnings;
use lib 'tests/lib';
use File::Temp qw(tempdir);
use IRC;
use Room;
use Test::More;

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;
my $file = "$dir/motd";
my $clients = 0;

sub put {
	my ($text) = @_;
	open my $fh, '+>', $file or die "$file: $!\n";
	print $fh $text;
	close $fh;
}

# The texts that a client of this room is shown.
sub motd {
	my ($room) = @_;
	my $client = IRC->enter($room, 'c' . ++$clients, @_[1 .. $#_]);
	return join '|', map {/ 372 \S+ :- (.*)$/ ? $1 : ()}
	    @{ $client->{entry} };
}

my ($status, $output) = Room->run('-d', "$dir/none", '127.0.0.1', 0);
is($status, 1, 'the server does not start if the file is missing');
like($output, qr/\Achatserv: cannot read the message of the day, \S+: No such file or directory\n\z/, 'and a line says so');
($status, $output) = Room->run('-d', $dir, '127.0.0.1', 0);
is($status, 1, 'nor if it is a directory');

my $name = $file;
$file = "$dir/" . 'x' x 255;
put('of another file');
($status, $output) = Room->run('-d', "${file}x", '127.0.0.1', 0);
is("$status $output", '1 chatserv: cannot read the message of the day, ' .
    "${file}x: File name too long\n",
    'nor if its name is too long, but for one byte that of another file');
$file = $name;

put("hello,\n\tand \xe2\x82\xac\n\nbye\e[m");
my $room = Room->start('-N', 'irc.example', '-d', $file);
is(motd($room), "hello,|\tand \xe2\x82\xac||bye\\033[m",
    'each line is shown, with nothing raw in it');

# At HUP, sooner or later, for HUP itself says nothing.
sub becomes {
	my ($room, $wanted, $name) = @_;
	$room->signal('HUP');
	$room->eventually(sub { motd($room) eq $wanted }, $name);
}

put("new\n");
becomes($room, 'new', 'after HUP the server shows the new text');

SKIP: {
	skip 'a server that is not root does not call chroot(2)', 3 if $> != 0;
	put("newer\n");
	becomes($room, 'newer', 'as root, too');
	unlink $file;
	put("newest\n");
	Room::expects(qr/the message of the day was replaced: .*/);
	$room->signal('HUP');
	$room->logs(qr/the message of the day was replaced/,
	    'a file that took its place is not seen, and the log says so');
	is(motd($room), 'newer', 'and the text stays');
}
SKIP: {
	skip 'root cannot see another file', 1 if $> == 0;
	unlink $file;
	put("newest\n");
	becomes($room, 'newest', 'another file in its place is seen');
}
$room->stop;

# The most that is shown, to a client that reads nothing at first; and more.
Room::allows(qr/of the message of the day, only \d+ (?:lines|bytes) are shown/);
for (["\001" x 2048, ''], ['x' x 2049, 'bytes'], ["\n" x 2048, 'lines'],
    ["\001\n" x 1024, 'lines']) {
	my ($worst, $missing) = @$_;
	put($worst);
	$room = Room->start('-N', 'n' x 63, '-d', $file);
	is(join(' ', $room->log =~ /only \d+ (\w+) are shown\n/g), $missing,
	    'the log says ' . ($missing ? "that $missing are missing" :
	    'nothing if all is shown'));
	motd($room);
	my $client = IRC->enter($room, 'n' x 32, caps => 'userhost-in-names');
	ok($client, 'the worst of messages of the day is shown');
	$client->say('MOTD') for 1 .. 50;
	ok($client->until_now, 'as often as a client requests it');
	$room->stop;
}
done_testing();
