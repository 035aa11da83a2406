#!/usr/bin/env perl
#
# Goal: a client may speak without joining: the room gets its lines and sees
# nothing else of it, under a name that no member can have, and its messages
# are like all others.

use strict;
use warnings;
use lib 'tests/lib';
use Client;
use File::Temp;
use IRC;
use Room;
use Test::More;

my $dir = File::Temp->newdir;
chmod 0755, $dir;
my $room = Room->start('-u', "$dir/sock", '-M', 8);
my $ear = $room->enter('ear', tsv => 1);
my $plain = $room->enter('plain');
my $irc = IRC->enter($room, 'irene');
$ear->until_now;

# One line, as nc can send it; somebody in the room has the same name.
my $cron = $room->connect->say('!outside ear');
$cron->sees(qr/^-- you speak from outside as ear\*/, 'a client stays outside');
$cron->say('backup done');
$cron->sees('<ear*> backup done', 'its line returns once it is published');
$cron->say('!quit')->sees('-- goodbye (quit)', 'and it leaves in order');
is(join('|', $ear->until_now) =~ s/\d{16}/ID/gr, "ID\tmsg\tear*\tbackup done",
    'the room has one line of it');
$plain->sees('<ear*> backup done', 'in every dialect');
$irc->sees(qr/^:ear\*!\S+ PRIVMSG #chat :backup done$/, 'IRC, too');
$room->logs(qr/speaks from outside as ear\*\n/, 'and the log says how');

# It receives only its own lines, is not on the roster, and gets no messages.
my $tsv = $room->connect->say('!tsv')->say('!outside cron');
$tsv->expect(qr/^-\thello\tcron\*\t/);
$ear->say('anybody?')->expect(qr/\tanybody\?$/);
$ear->say('!msg cron* hello')->sees(qr/\terr\t\tthat client is outside/,
    'a reply has an honest answer');
$irc->say('PRIVMSG cron* :hello')->sees(qr/ 401 irene cron\* /,
    'by IRC as well');
ok(!(grep {/cron/} $ear->say('!who')->expect(qr/\twho\t\t3$/)),
    'it is not on the roster');
$tsv->say('!name cronie')->sees(qr/\terr\t\tyou are outside/,
    'it keeps its name');
my @heard = $tsv->say('done')->expect(qr/\tmsg\tcron\*\tdone$/);
is(scalar(grep {/anybody|hello/} @heard), 0, 'it receives nothing of the room');
$tsv->half_close;
$tsv->sees(qr/\tbye\tcron\*\tquit$/, 'its end is orderly');
$ear->say('!me too');
is(scalar(grep {/\t(?:join|leave)\t/} $ear->until_now), 0,
    'nobody joined or left');

# Names.
my $bad = $room->connect;
for ('', 'a b', 'a*b', '-x', 'a/b', 'x' x 33) {
	$bad->say("!outside $_")->sees('!! !outside needs a name, as the room has them',
	    "no name: \"$_\"");
}
$bad->say('x*')->sees(qr/^!! the name x\* has one of /,
    'and no member can have one of these');
$bad->close;

# On the unix socket the login name follows it.
my $me = getpwuid $>;
my $local = Client->connect(path => "$dir/sock")->say('!outside cron');
$local->sees(qr/^-- you speak from outside as cron\*\Q$me\E:/,
    'on the unix socket it carries the login name');
$local->say('!quit');
my $alone = Client->connect(path => "$dir/sock")->say('!outside');
$alone->sees(qr/^-- you speak from outside as \Q$me\E\*:/, 'or is that');

# It counts for -M; and a crash keeps its messages.
my @many = map { $room->connect->say('!outside many') } 1 .. 9;
my @here = grep { ($_->line // '') =~ /this is chatserv/ } @many;
ok(@here < 9, 'it counts for -M');
Room::allows(qr/.*/);
kill 'KILL', $room->pid;
$room->exit_status;
my $next = Room->start('--', $room->{host}, $room->port);
my $late = $next->enter('late', since => 0);
ok((grep {/<ear\*> backup done/} @{$late->{entry}}),
    'after a crash its words are still there');
$next->stop;
done_testing();
