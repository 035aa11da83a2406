#!/usr/bin/env perl
#
# Goal: every IRC client that we know, if it is installed, talks with nc and
# chatc; and a bot based on python-irc answers messages to it.

use strict;
use warnings;
use lib 'tests/lib';
use Foreign;
use Test::More;

# It repeats messages, to the room or to their sender, until told to leave.
my $BOT = <<'END';
import sys
import irc.bot

class Parrot(irc.bot.SingleServerIRCBot):
    def on_pubmsg(self, c, e):
        if e.arguments[0] == "go":
            self.die("gone")
        elif e.arguments[0].startswith("parrot: "):
            c.privmsg(e.target, e.source.nick + " says " +
                e.arguments[0][8:])

    def on_privmsg(self, c, e):
        c.privmsg(e.source.nick, "you say " + e.arguments[0])

Parrot([(sys.argv[1], int(sys.argv[2]))], "parrot", "Parrot").start()
END

my @kinds = Foreign->available;
for my $kind (qw(ii irssi sic weechat)) {
	SKIP: {
		skip "no $kind here: contrib/setup -t", 1
		    if !grep { $_ eq $kind } @kinds;
		Foreign::converse($kind)->stop;
	}
}

my ($python) = grep { -x && system("$_ -c 'import irc.bot' 2>/dev/null") == 0 }
    qw(/usr/bin/python3 /usr/local/bin/python3);
SKIP: {
	skip 'no python-irc here: contrib/setup -t', 5 if !$python;
	my $room = Room->start;
	my $alice = $room->enter('alice');
	my $bot = Chatc->start(program => [$python, '-c', $BOT, $room->{host},
	    $room->port], '--');
	$alice->sees('-- parrot joined', 'a bot comes');
	$alice->say('parrot: hello');
	$alice->sees('<parrot> alice says hello', 'it answers in the room');
	$alice->say('!msg parrot psst');
	$alice->sees(qr/parrot.*you say psst$/, 'and in private');
	$alice->say('go');
	$alice->sees(qr/^-- parrot left \(quit/, 'and it goes');
	$bot->end->status;
	$room->stop;
}
done_testing();
