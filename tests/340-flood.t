# Goal: a client that keeps asking and does not read, and swarms of clients
# that connect and leave, cost the others nothing, and each answer arrives
# when its client reads again.

use strict;
use warnings;
use lib 'tests/lib';
use Room;
use Test::More;

my $ASKED = 20_000;

my $room = Room->start;
my $alice = $room->enter('alice');
my $calm = () = $room->children;

my $deaf = $room->enter('deaf', rcvbuf => 4096);
$alice->expect('-- deaf joined');
$deaf->freeze->send(join '',
    map {"!who\n!number $_\n" . 'x' x 5000 . "\n"} 1 .. $ASKED / 4);
$deaf->send("!help\n" x ($ASKED / 4));
for my $i (1 .. 200) {
	$alice->say("line $i");
	$alice->expect("<alice> line $i");
}
pass('while one asks without reading, another talks');
$room->enter('bob')->say('me too')->expect('<bob> me too');
$alice->expect('<bob> me too');
pass('and a third can join');

$deaf->thaw->say('!me ends');
my ($who, $unknown, $long, $help) = (0, 0, 0, 0);
while (defined(my $line = $deaf->line)) {
	last if $line eq '* deaf ends';
	$who++ if $line =~ /^-- [23] here: /;
	$unknown++ if $line =~ /^!! .*command/;
	$long++ if $line =~ /^!! .*4096/;
	$help++ if $line =~ /^-- .*!quit/;
}
is($who, $ASKED / 4,
    'when it reads, it gets an answer to each of its questions');
is($unknown, $ASKED / 4, 'and to each unknown command');
is($long, $ASKED / 4, 'and to each line that is too long');
is($help, $ASKED / 4, 'and to each !help');

# One that sends all its lines, shuts its side down, and reads later.
my $late = $room->enter('late', rcvbuf => 4096)->freeze;
$late->send(join '', map {"line $_\n"} 1 .. 5000)->half_close;
$alice->expect('-- late left (quit)');
$late->thaw;
my @echo = $late->rest;
is((grep { /^<late> line \d+$/ } @echo), 5000,
    'a client that reads only at the end has every echo');
is($echo[-1], '-- goodbye (quit)', 'and the goodbye');

# Those that send all their lines, and close while their echoes still wait:
# a write to them then fails, and for the others it is an end like any.
for my $i (1 .. 4) {
	my $gone = $room->enter("gone$i", rcvbuf => 4096)->freeze;
	$gone->send(join '', map {"line $_\n"} 1 .. 5000)->half_close;
	$alice->expect("-- gone$i left (quit)");
	$gone->close;
}
$room->eventually(sub { $room->children <= $calm + 2 },
    'a client that does not wait for its echoes leaves no process');

# Swarms: closed at once, reset at once, named and reset.
for my $round (1 .. 3) {
	my @swarm = map { $room->connect } 1 .. 100;
	$_->say('same name') for @swarm[0 .. 32];
	$_->reset for @swarm[0 .. 66];
	$_->close for @swarm[67 .. 99];
}
$alice->say('untouched')->expect('<alice> untouched');
$_->say('!quit')->rest for $deaf;
$room->eventually(sub { $room->children <= $calm + 1 && !$room->zombies },
    'a swarm that connects and leaves leaves no process');
$room->enter('carol')->say('and enters');
$alice->sees('<carol> and enters', 'and others can connect after it');
$room->stop;
done_testing;
