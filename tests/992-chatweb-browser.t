#!/usr/bin/env perl
#
# Goal: a person with Chromium and a keyboard joins through the page, talks
# with a user of nc, and messages of others are only text there.

use strict;
use warnings;
use lib 'tests/lib';
use Browser;
use Room;
use Test::More;
use Web;

plan skip_all => Browser::missing() if Browser::missing();
my $room = Room->start;
my $web = Web->start($room);
my $bob = $room->enter('bob');
my $browser = Browser->start;
my $ann = $browser->visit('ann', "http://127.0.0.1:$web->{port}/");

$ann->ask('type', text => 'ann');
$ann->press('Enter');
$bob->sees('-- ann joined', 'after a name and Enter the user is in the room');
$ann->wait_for('document.activeElement.id === "line"');
$ann->ask('type', text => 'hello bob');
$ann->press('Enter');
$bob->sees('<ann> hello bob', 'after a line and Enter it is published');
$bob->say($_) for '<img src=x onerror=alert(1)>', '<script>alert(2)</script>',
    'see https://example.org/a?b=c&d. or javascript:alert(3)', '!me waves';
$ann->shows('bob waves', 'what others say and do is shown');
is($ann->value('document.querySelectorAll("#log img, #log script").length'), 0,
    'as text and nothing else');
is_deeply($ann->value('[...document.querySelectorAll("#log a")].map(' .
    '(a) => a.href + " " + a.rel)'),
    ['https://example.org/a?b=c&d noopener noreferrer nofollow'],
    'an address is a link, and only what is surely one');
my $word = "\x{645}\x{6cc}\x{200c}\x{62e}";
$ann->ask('type', text => $word);
$ann->press('Enter');
utf8::encode($word);
$bob->sees("<ann> $word", 'a non-joiner in a Persian word is sent');
is($ann->value('escape(document.getElementById("log").innerText)' .
    '.match(/%u06CC%u200C%u062E/) !== null'), 1, 'and shown');
$ann->press('Shift+Tab');
is($ann->value('document.activeElement.title'), 'private message to bob',
    'the keyboard reaches the list of names');
$ann->press('Enter');
$ann->ask('type', text => 'psst');
$ann->press('Enter');
$bob->sees('<ann>bob> psst',
    'the user can send a private message by the keyboard, too');
$browser->is_content('no page reports an error, or contacts another host');
$room->stop;
$web->stop;
done_testing();
