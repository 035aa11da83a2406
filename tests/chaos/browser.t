#!/usr/bin/env perl
#
# Goal: people with browsers lose nothing when a session, the gateway or the
# server is killed; other sites cannot speak for them; everybody can read the
# page, in two sizes and two themes; and it stays quick.
#
# SHOTS=directory keeps screenshots.

use strict;
use warnings;
use lib 'tests/lib';
use Browser;
use Chatc;
use File::Temp;
use JSON::PP;
use Room;
use Test::More;
use Time::HiRes qw(time);
use Wait;
use Web;

plan skip_all => Browser::missing() if Browser::missing();
my $seed = $ENV{SEED} // 1;
my $many = $ENV{MESSAGES} // 10_000;
my $shots = $ENV{SHOTS} // File::Temp->newdir;
Room::allows(qr/.*died of signal 9.*/, qr/[\d.]+: refused: .*/,
    qr/[\d.]+: cannot connect to the room: .*/,
    qr/.* left \(killed\)/, qr/.*refused: .*/);

my $room = Room->start;
my $web = Web->start($room);
my $url = "http://127.0.0.1:$web->{port}/";
my $browser = Browser->start('--host-resolver-rules=MAP evil.example 127.0.0.1');
my $bob = $room->enter('bob');
my $ann = $browser->visit('ann', $url)->enter('ann');
my $eve = $browser->visit('eve', $url, width => 390, height => 700,
    scheme => 'dark')->enter('eve');

# ---- talking ----

my $chatc = Chatc->in_room($room, qw(-n cat));
$chatc->type("hello from chatc\n");
$ann->shows('cat hello from chatc', 'a browser hears chatc');
$ann->say('hello from ann');
$chatc->shows(qr/<ann> hello from ann/, 'chatc hears a browser');
$eve->shows('ann hello from ann', 'one browser hears the other');
$bob->say('!msg ann for you alone');
$ann->shows('bob to ann: for you alone', 'a private message comes');
unlike($eve->value('document.getElementById("log").textContent'),
    qr/for you alone/, 'to one alone');
$ann->say('/name anna');
$eve->shows('ann is now anna', 'a name can be changed');
$ann->wait_for('document.getElementById("state").textContent === "you are anna"');
$ann->say('/me waves')->say('!help is text')->say('//slash')->say('/nonsense');
$bob->sees($_, "$_ is said") for '* anna waves', '<anna> !help is text',
    '<anna> /slash';
$ann->shows('commands here are', 'what is no command is not said');
is($ann->value('document.getElementById("line").value'), '/nonsense',
    'and stays where it was typed');
$ann->say('x' x 4097);
$ann->shows('not said: a line has at most 4096 bytes',
    'what is too long is not said, and not lost');
is($ann->value('document.getElementById("line").value.length'), 4097,
    'it can be cut there');
$ann->say("\x{1f469}\x{200d}\x{1f469}\x{200d}\x{1f467} \x{5e9}\x{5dc}\x{5d5}\x{5dd} \x{5d0}");
$bob->sees(qr/^<anna> \xf0\x9f\x91\xa9\xe2\x80\x8d/, 'emoji pass whole');
$bob->say('<b onclick=alert(1)>&amp;</b><iframe src=https://evil.example>');
$ann->shows('<b onclick=alert(1)>&amp;</b>', 'markup is text');
is($ann->value('document.querySelectorAll("#log iframe, #log [onclick]").length'),
    0, 'and nothing else');
my $odd = $room->enter("=\xe2\x80\xa2href=javascript\xd7\x90");
$ann->wait_for('document.getElementById("people").textContent.includes("href=javascript")');
$odd->say('!quit');

# ---- kills ----

# Said by bob while it was away, heard by ann once, in order.
my $round = 0;
sub loses_nothing {
	my ($what, $kill) = @_;

	$round++;
	$ann->say("before $round");
	$ann->shows("anna before $round", 'she talks');
	$kill->();
	$bob->say("meanwhile $round $_") for 1 .. 20;
	$ann->shows("meanwhile $round 20", "$what: she is back");
	$ann->wait_for('document.getElementById("state").textContent === ' .
	    '"you are anna"');
	$ann->say("after $round");
	$bob->sees("<anna> after $round", 'as herself');
	$ann->shows("anna after $round", 'and hears it');
	my $log = $ann->value('document.getElementById("log").textContent');
	is(join(' ', $log =~ /bob meanwhile $round (\d+?)(?=\D*\d\d:|$)/g),
	    join(' ', 1 .. 20), 'nothing is missing or doubled');
}

loses_nothing('a session is killed', sub {
	kill 'KILL', $room->session_of('anna');
});
loses_nothing('a child of the gateway is killed', sub {
	my ($child) = grep { $_->{title} =~ /127\.0\.0\.1/ } $web->children;
	kill 'KILL', map { $_->{pid} } grep { $_->{pid} != $web->pid }
	    $web->children;
});
loses_nothing('the gateway is killed and started again', sub {
	kill 'KILL', $web->pid;
	$web->exit_status;
	$web = Web->start($room, '--', '127.0.0.1', $web->port);
});
loses_nothing('the server is killed and started again', sub {
	my $port = $room->port;
	kill 'KILL', $room->pid;
	$room->exit_status;
	$room = Room->start('--', '127.0.0.1', $port);
	$bob = $room->enter('bob');
});
$web->signal('STOP');
$web->signal('CONT');

# Typed while the room is away.
$web->stop;
$ann->wait_for('document.getElementById("state").textContent.includes("away")');
$ann->say('typed too early');
$ann->shows('not said: the room is away', 'a line for nobody is not sent');
is($ann->value('document.getElementById("line").value'), 'typed too early',
    'and it stays where it was typed');
$web = Web->start($room, '--', '127.0.0.1', $web->port);
$ann->wait_for('document.getElementById("state").textContent === "you are anna"');
$ann->press('Enter');
$bob->sees('<anna> typed too early', 'until it can be said');
$browser->ask('trouble');	# discard complaints of that time

# ---- other sites ----

$browser->ask('foreign', id => 'evil', html => <<~"HTML");
	<iframe id=frame src="$url"></iframe>
	<form id=form method=post action="${url}room" target=t
	    enctype=text/plain><input name="eve" value="!quit"></form>
	<iframe name=t></iframe>
	<script>
	window.done = [];
	const s = new WebSocket('ws://127.0.0.1:$web->{port}/room');
	s.onopen = () => done.push('opened');
	s.onclose = () => done.push('socket closed');
	fetch('$url').then((r) => r.text()).then(() => done.push('read'),
	    () => done.push('not read'));
	document.getElementById('form').submit();
	</script>
	HTML
my $page = bless { id => 'evil', browser => $browser }, 'Browser::Page';
$page->wait_for('done.length >= 2');
is($page->value('done.sort().join(", ")'), 'not read, socket closed',
    'a page of another site can neither read nor connect');
$web->logs(qr/refused: only the page of this host may talk/, 'as the log says');
$web->logs(qr/refused: the request is malformed/, 'a form is refused');
is(scalar(grep {/quit|eve left/} $bob->until_now), 0, 'nobody was spoken for');
is($browser->visit('dns', "http://evil.example:$web->{port}/")->{status}, 421,
    'a name that is made to point here is not this machine');
eval { $browser->visit('tls', "https://127.0.0.1:$web->{port}/") };
like($@, qr/ERR_/, 'TLS is not spoken');
$ann->say('still here');
$bob->sees('<anna> still here', 'and the room goes on');
$browser->ask('trouble');

# ---- for everybody ----

for my $width (1000, 390) {
	for my $scheme (qw(light dark)) {
		my $who = "$scheme$width";
		my $p = $browser->visit($who, $url, width => $width,
		    height => 640, scheme => $scheme);
		is_deeply($p->ask('axe'), [], "$who: everybody can use the first view");
		$p->enter($who);
		$p->say('Has anyone seen https://example.org/plan today?');
		$bob->say("!msg $who I have. \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xf0\x9f\x91\x8b");
		$p->shows('I have', 'a private answer');
		is_deeply($p->ask('axe'), [], "$who: and so is the room");
		is($p->value('document.documentElement.scrollWidth'), $width,
		    "$who: nothing is beyond the edge");
		$p->ask('shot', path => "$shots/$who.png");
		ok(-s "$shots/$who.png", "$who: seen");
		$p->ask('close');
	}
}
my $big = $browser->visit('big', $url, width => 500, height => 320);
$big->enter('big');
is($big->value('document.documentElement.scrollWidth'), 500,
    '200 % of a small window has it all');
$big->ask('close');
$browser->is_content('no page complains');

# ---- notifications ----

my $away = $browser->visit('away', $url, permissions => ['notifications'])
    ->enter('away');
$away->value(<<~'JS');
	Object.defineProperty(document, 'hidden', { get: () => true });
	window.noted = [];
	window.may = 'denied';
	window.Notification = class {
		static requestPermission() { return Promise.resolve(may); }
		constructor(title, { body }) { noted.push(`${title}: ${body}`); }
	};
	0
	JS
# Presses the button, with this answer to the question for permission.
sub presses_bell {
	my ($may, $pressed) = @_;

	$away->value("may = '$may'");
	$away->ask('click', what => '#bell');
	$away->wait_for('document.getElementById("bell")' .
	    ".getAttribute('aria-pressed') === '$pressed'");
}
my @notes = (['off', undef], ['asked, but not allowed', 'denied', 'false'],
    ['allowed', 'granted', 'true'], ['off again', 'granted', 'false']);
for my $i (0 .. $#notes) {
	my ($when, @press) = @{ $notes[$i] };
	presses_bell(@press) if defined $press[0];
	$bob->say("<b>ding $i");
	$away->shows("ding $i", "notifications $when: it is shown");
	is($away->value('document.title'), '(' . ($i + 1) . ') chat',
	    'and counted in the title');
}
is_deeply($away->value('noted'), ['bob: <b>ding 2'],
    'only the one that was allowed is notified, as text');
$away->ask('close');

# ---- many messages ----

my $frames = sub {
	my $begin = time;
	$ann->value('new Promise((go) => requestAnimationFrame(() => ' .
	    'setTimeout(go)))');
	return time - $begin;
};
my @took;
for my $part (1 .. 10) {
	my $begin = time;
	$bob->say("flood $part $_ " . 'word ' x 10) for 1 .. $many / 10;
	$ann->shows("flood $part " . $many / 10 . ' ', "part $part is shown");
	$frames->();
	push @took, time - $begin;
}
note('seconds for each part: ', join ' ', map { sprintf '%.2f', $_ } @took);
cmp_ok($ann->value('document.getElementById("log").childElementCount'), '<=',
    2000, 'old messages are trimmed');
my @sorted = sort { $a <=> $b } @took[5 .. 9];
my @first = sort { $a <=> $b } @took[0 .. 4];
cmp_ok($sorted[0], '<', 3 * $first[2] + 1, 'the last part is as quick as the first');

# ---- a foreign client ----

my $foreign = Chatc->start(program => ['node', 'tests/browser/foreign.js',
    $web->port, 'foreign', $seed, 300], '--');
is($foreign->status, 0, "ws, fragmenting with seed $seed, hears itself");
like($foreign->out, qr/^heard 300, close 1000, all pings answered$/,
    'whole, in order, each ping answered');

$chatc->end;
$web->stop;
$room->stop;
done_testing();
