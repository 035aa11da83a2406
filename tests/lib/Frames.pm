# Frames that a WebSocket peer may send, and those that it may not, each with
# the answer that RFC 6455 requires of a server.
#
# The cases follow the groups of the Autobahn test suite.  They go through a
# real chatweb before a stand-in for the room, which echoes each line: so the
# answer to a text message is the same message, unless chatweb changes, holds or
# refuses it.

package Frames;

use strict;
use warnings;
use Test::More ();
use Wait;
use Web;

# A text message, a fragment of one, and what may follow it.
sub text { WebSocket::frame(1, @_) }
sub begin { WebSocket::frame(1, $_[0], more => 1) }
sub more { WebSocket::frame(0, $_[0], more => 1) }
sub end { WebSocket::frame(0, $_[0]) }
sub ping { WebSocket::frame(9, $_[0]) }
sub pong { WebSocket::frame(10, $_[0]) }
sub close_with { WebSocket::frame(8, join '', map { pack 'n', $_ } @_) }

# A frame whose first byte and length are as given, true or not.
sub odd {
	my ($first, $length, $bytes) = @_;
	return pack('C', $first) . $length . "\0\0\0\0" . ($bytes // '');
}

# One fragment for each of these.
sub in_fragments {
	my ($first, @rest) = @_;
	my $last = pop @rest;
	return join '', begin($first), (map { more($_) } @rest), end($last);
}

# A case is a name, the bytes, and the answers.  A connection that answers all
# and stays open is closed by the test.
my @cases;
my $group;

sub good {
	my ($name, $bytes, @answers) = @_;
	push @cases, { name => "$group: $name", bytes => $bytes,
	    answers => [@answers], stays => 1 };
}

sub bad {
	my ($name, $bytes, $code, @answers) = @_;
	push @cases, { name => "$group: $name", bytes => $bytes,
	    answers => [@answers, "8 $code"] };
}

$group = 'framing';
good("$_ bytes of text", text('*' x $_), '1 ' . '*' x $_)
    for 0, 1, 125 .. 128, 16383, 16384;
good('a mask of zeros', WebSocket::frame(1, 'text', mask => "\0\0\0\0"),
    '1 text');
good('many frames at once', join('', map { text("line $_") } 1 .. 50),
    '1 ' . join "\n", map {"line $_"} 1 .. 50);
good('messages that are longer together than one may be',
    text('*' x 16384) . text('more'), '1 ' . '*' x 16384 . "\nmore");
bad("$_ bytes of text", text('*' x $_), 1009) for 16385, 65535, 65536;
bad("$_ bytes that are no text", WebSocket::frame(2, "\xfe" x $_), 1003)
    for 0, 125, 126, 127, 128, 65535, 65536;
bad('no mask', "\x81\x05Hello", 1002);
bad('no mask, nothing in it', "\x81\0", 1002);
bad('a ping with no mask', "\x89\0", 1002);
bad('a length in two bytes that one could say', odd(0x81, "\xfe\0\x7d"), 1002);
bad('a length in eight bytes that two could say',
    odd(0x81, "\xff\0\0\0\0\0\0\xff\xff"), 1002);
bad('a length with its highest bit set',
    odd(0x81, "\xff\x80\0\0\0\0\0\0\0"), 1002);
bad('the longest length there is', odd(0x81, "\xff\x7f" . "\xff" x 7), 1009);

$group = 'pings';
good('one of nothing', ping(''), '10 ');
good('one with text', ping('Hello, world!'), '10 Hello, world!');
good('one of bytes', ping("\0\xff\xfe\xfd\xfc\xfb\0\xff"),
    "10 \0\xff\xfe\xfd\xfc\xfb\0\xff");
good('the longest', ping("\xfe" x 125), '10 ' . "\xfe" x 125);
good('ten, in order', join('', map { ping("payload-$_") } 1 .. 10),
    map {"10 payload-$_"} 1 .. 10);
good('a pong that nobody asked for', pong('') . ping('?'), '10 ?');
good('a pong of bytes', pong("\xff" x 125) . ping('?'), '10 ?');
bad('one that is too long', ping('*' x 126), 1002);
bad('a pong that is too long', pong('*' x 126), 1002);

$group = 'reserved bits';
for my $bits (1 .. 7) {
	my $first = $bits << 4;
	bad("$bits in a text", odd(0x81 | $first, "\x85", 'Hello'), 1002);
	bad("$bits in a ping", odd(0x89 | $first, "\x80"), 1002);
	bad("$bits in a close", odd(0x88 | $first, "\x80"), 1002);
}
bad('a good ping before them', ping('?') . odd(0xc1, "\x80"), 1002, '10 ?');

$group = 'opcodes';
for my $code (3 .. 7, 11 .. 15) {
	bad("$code, which nothing has", WebSocket::frame($code, ''), 1002);
	bad("$code with something", WebSocket::frame($code, 'reserved'), 1002);
	bad("$code behind a ping", ping('?') . WebSocket::frame($code, ''),
	    1002, '10 ?');
}

$group = 'fragments';
bad('of a ping', WebSocket::frame(9, 'a', more => 1) . end('b'), 1002);
bad('of a pong', WebSocket::frame(10, 'a', more => 1) . end('b'), 1002);
bad('of a close', WebSocket::frame(8, pack('n', 1000), more => 1), 1002);
good('two', in_fragments('a', 'b'), '1 ab');
good('three, the first and last empty', in_fragments('', 'b', ''), '1 b');
good('three, all empty', in_fragments('', '', ''), '1 ');
good('a thousand of one byte', in_fragments(('x') x 1000), '1 ' . 'x' x 1000);
good('a ping between two', begin('a') . ping('?') . end('b'), '10 ?', '1 ab');
good('pings between many', begin('1') . ping('p') . more('2') . more('3') .
    ping('q') . more('4') . end('5'), '10 p', '10 q', '1 12345');
good('a pong between two', begin('a') . pong('?') . end('b'), '1 ab');
bad('an end with no beginning', end('a'), 1002);
bad('a middle with no beginning', more('a'), 1002);
bad('an end behind a message', ping('?') . in_fragments('a', 'b') . end('c'),
    1002, '10 ?');
bad('a new message in one', begin('a') . text('b'), 1002);
bad('no text in a text', begin('a') . WebSocket::frame(2, 'b'), 1002);
bad('more than a message may have, in all',
    in_fragments(('*' x 4096) x 4, '*'), 1009);

$group = 'UTF-8';
my $kosme = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
good('a word', text($kosme), "1 $kosme");
good('a word in fragments of a byte', in_fragments(split //, $kosme),
    "1 $kosme");
my $most = "\xf0\x9f\x98\x80" x 4096;
good('as many characters as a message holds', text($most), "1 $most");
good(sprintf('U+%s', unpack 'H*', $_), text("<$_>"), "1 <$_>") for "\0",
    "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
    "\xee\x80\x80", "\xef\xb7\x90", "\xef\xbb\xbf", "\xef\xbf\xbd",
    "\xef\xbf\xbe", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
    "\xf0\x9f\xbf\xbe", "\xf4\x8f\xbf\xbf";
# Continuation bytes alone; characters cut short; overlong ones; surrogates;
# beyond U+10FFFF; bytes that are in none.
for my $wrong ("\x80", "\xbf", "\x80\xbf\x80", "\xc2", "\xe0\xa0",
    "\xf0\x90\x80", "\xdf", "\xef\xbf", "\xc2\xc2\x80", "\xe1\x80A",
    "\xf1\x80\x80A", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf",
    "\xf8\x80\x80\x80\xaf", "\xfc\x80\x80\x80\x80\xaf", "\xc1\xbf",
    "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xc0\x80", "\xed\xa0\x80",
    "\xed\xad\xbf", "\xed\xbf\xbf", "\xed\xa0\x80\xed\xb0\x80",
    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf7\xbf\xbf\xbf",
    "\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80", "\xfe", "\xff") {
	my $hex = unpack 'H*', $wrong;
	bad("not $hex", text("$kosme$wrong"), 1007);
	bad("not $hex, cut within",
	    in_fragments($kosme, split //, $wrong), 1007);
}
# At once: the rest never comes.
bad('a wrong byte, before the message ends', begin("$kosme\xff"), 1007);
bad('a wrong byte, before the frame ends',
    substr(text("$kosme\xf4\x90" . 'x' x 9), 0, -9), 1007);

$group = 'close';
good('without a code', close_with(), '8 ');
good('without a reason', close_with(1000), '8 1000');
good('with a reason', WebSocket::frame(8, pack('n', 1000) . 'bye'), '8 1000');
good('with the longest', WebSocket::frame(8, pack('n', 1000) . '*' x 123),
    '8 1000');
good('twice', close_with(1000) . close_with(1001), '8 1000');
good('and then a ping and a text', close_with(1000) . ping('?') . text('a'),
    '8 1000');
good('amidst a message', begin('half') . close_with(1000), '8 1000');
good("with $_", close_with($_), "8 $_") for 1000 .. 1003, 1007 .. 1014, 3000,
    3999, 4000, 4999;
bad("with $_", close_with($_), 1002) for 0, 999, 1004 .. 1006, 1015, 1016,
    1100, 2000, 2999, 5000, 65535;
bad('with half a code', WebSocket::frame(8, "\x03"), 1002);
bad('with too long a reason', WebSocket::frame(8, pack('n', 1000) . '*' x 124),
    1002);
bad('with a reason that is not UTF-8',
    WebSocket::frame(8, pack('n', 1000) . "\xce\xba\xed\xa0\x80"), 1007);
bad('with a reason that is cut short',
    WebSocket::frame(8, pack('n', 1000) . "\xce"), 1007);

sub cases { return @cases }

# Take what has arrived for a case: each answer as its opcode and its text, or
# the code of a close.  Texts that were sent together may arrive together.
sub take {
	my ($case) = @_;
	my $got = $case->{got};

	for my $frame ($case->{client}->frames) {
		my ($opcode, $bytes) = @$frame;
		# It may be back before the close, or too late.
		next if $opcode == 1 && !$case->{stays};
		$bytes = unpack 'n', $bytes if $opcode == 8 && length $bytes;
		if ($opcode == 1 && @$got && $got->[-1] =~ /\A1 /) {
			$got->[-1] .= "\n$bytes";
		} else {
			push @$got, "$opcode $bytes";
		}
	}
}

# Take what has arrived, and close connections that have answered everything;
# true when the connection has ended.
sub ends {
	my ($case) = @_;
	my ($client, $wanted) = @$case{qw(client answers)};

	take($case);
	return 1 if $client->{over};
	return 0 if !$case->{stays} || $case->{closing};
	if ($wanted->[-1] !~ /\A8/ && "@{ $case->{got} }" eq "@$wanted") {
		$client->send(close_with(1000));
		$case->{closing} = 1;
	}
	return 0;
}

# The peer reads each piece, most likely, before the next is written.
sub send_pieces {
	my ($client, $first, @rest) = @_;

	$client->send($first);
	for my $piece (@rest) {
		Wait::pump(0);
		$client->send($piece);
	}
}

# A test for each case, through $web; $cut makes pieces of its bytes, each of
# which is written by itself.  Many are under way at once.
sub run {
	my ($web, $cut, @todo) = @_;

	while (my @now = splice @todo, 0, 100) {
		for my $case (@now) {
			@$case{qw(got closing)} = ([], 0);
			$case->{client} = bless $web->connect, 'WebSocket';
			$case->{client}->send($web->upgrade);
		}
		send_pieces($_->{client}, $cut->($_->{bytes})) for @now;
		my @open = @now;
		Wait::until_true(sub { !(@open = grep { !ends($_) } @open) });
		for my $case (@now) {
			my @wanted = (@{ $case->{answers} },
			    $case->{closing} ? '8 1000' : ());
			Test::More::is(join('|', map {short($_)}
			    @{ $case->{got} }), join('|', map {short($_)}
			    @wanted), $case->{name});
		}
	}
}

# For a message of a test: not pages of it.
sub short {
	my ($answer) = @_;

	return length $answer < 200 ? $answer : sprintf '%s... (%d, sum %d)',
	    substr($answer, 0, 40), length $answer, unpack '%32C*', $answer;
}

# The stand-in for the room: it speaks TSV when it is told to, and sends all
# other lines back.
package Frames::Room {
	use IO::Socket::INET;

	sub start {
		my ($class) = @_;
		my $fh = IO::Socket::INET->new(Listen => 128,
		    LocalAddr => '127.0.0.1') or die "room: $!\n";

		$fh->blocking(0);
		my $self = bless { fh => $fh, host => '127.0.0.1',
		    port => $fh->sockport }, $class;
		Wait::add($self);
		return $self;
	}

	sub fh { $_[0]{fh} }
	sub wants_input { 1 }
	sub wants_output { 0 }

	sub take {
		my ($self) = @_;

		while (my $fh = $self->{fh}->accept) {
			$fh->blocking(0);
			Wait::add(bless { fh => $fh, in => '', out => '' },
			    'Frames::Session');
		}
	}
}

package Frames::Session {
	our @ISA = 'Client';

	sub take {
		my ($self) = @_;

		$self->SUPER::take;
		while ($self->{in} =~ s/\A([^\n]*\n)//) {
			$self->{out} .= $1 eq "!tsv\n" ? "-\tinfo\t\ttsv\n" :
			    $1;
		}
		$self->put;
	}
}

1;
