#!/usr/bin/env perl
#
# Goal: the manuals say what the programs do: options, usage, log lines, the
# protocol, the functions of the bus.  In both directions: they omit nothing
# that exists, and describe nothing that does not.

use strict;
use warnings;
use lib 'tests/lib';
use Files qw(slurp);
use Test::More;

# Those of the first list that the second lacks: none, in a test.
sub none_lacks {
	my ($these, $those, $name) = @_;
	my %has = map { $_ => 1 } @$those;

	BAIL_OUT("nothing to look for: $name") if !@$these;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(join(', ', grep { !$has{$_} } @$these), '', $name);
}

sub same {
	my ($source, $manual, $what, $where) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	none_lacks($source, $manual, "each $what is in $where");
	none_lacks($manual, $source, "and each $what in $where exists");
}

# C strings that follow a pattern, those that follow each other joined.
sub strings {
	my ($source, $before) = @_;
	my @found;

	while ($source =~ /$before((?:"(?:[^"\\]|\\.)*"\s*)+)/g) {
		my $string = join '', $1 =~ /"((?:[^"\\]|\\.)*)"/g;
		push @found, $string =~ s/\\(.)/$1/gr;
	}
	return @found;
}

# The words of a manual, without its macros, and one section of it.
my $macros = join '|', qw(Ar Cm Dl Dv Em Ev Fl Fn Ic It Li Nm No Ns Op Pa Po Pc
    Pq Ql Sx Ta Va Vt Xr Bl El Bd Ed);
sub words {
	my ($mdoc) = @_;

	$mdoc =~ s/^\.\\".*\n//mg;
	$mdoc =~ s/^\.(?:Sh|Ss|Pp|Bl|El|Bd|Ed|Dd|Dt|Os).*\n//mg;
	$mdoc =~ s/^\.//mg;
	$mdoc =~ s/(?<!\S)(?:$macros)(?!\S)//g;
	$mdoc =~ s/\\[&e]//g;
	$mdoc =~ s/\\-/-/g;
	$mdoc =~ s/"//g;
	$mdoc =~ s/\s+/ /g;
	$mdoc =~ s/ ([,;:.])(?= |$)/$1/g;
	return $mdoc;
}

sub section {
	my ($mdoc, $name) = @_;

	$mdoc =~ /^\.S[hs] \Q$name\E\n(.*?)(?=^\.S[hs] |\z)/ms or
	    die "no section $name\n";
	return $1;
}

sub holds {
	my ($text, $wanted, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok(index($text, $wanted) >= 0, $name) or diag("not told: $wanted");
}

my $makefile = slurp('Makefile') =~ s/\\\n//gr;
my ($manuals) = $makefile =~ /^MANUALS = (.*)$/m;
chomp(my @in_tree = sort glob '*/*.[1-9] */*/*.[1-9]');
# (Those of tkchat, chatweb and chatlink are installed with them.)
is(join(' ', sort split ' ', $manuals),
    join(' ', grep { !m{/(?:tkchat|chatweb|chatlink)/} } @in_tree),
    'the manuals that there are are those that are installed');

# Options.

my %manual = (chatserv => 'chatserv/chatserv.8', chatc => 'chatc/chatc.1',
    chatweb => 'contrib/chatweb/chatweb.8',
    chatstat => 'contrib/chatstat/chatstat.1');

# A program's own help, if it has one.
my $program = $ENV{CHATSERV} // 'chatserv/chatserv';
my %help = (chatserv => scalar `$program -h`,
    chatc => scalar `@{[$ENV{CHATC} // 'chatc/chatc']} -h`,
    chatweb => scalar `contrib/chatweb/chatweb -h`,
    chatstat => scalar `contrib/chatstat/chatstat -h`);
is(`$program --help`, $help{chatserv}, '--help is -h');

# "k" or "m:", as getopt(3) has them, or the help.
sub getopt_options {
	my ($program, $source) = @_;
	my ($letters) = $source =~ /getopt\(argc, argv,\s+"([^"]*)"/;

	return $letters =~ /(\w:?)/g if defined $letters;
	return map { s/ .*/:/r } $help{$program} =~ /^  -(\w(?: \w\S*)?) /mg;
}

sub usage_line {
	my ($program, $source) = @_;
	my ($usage) = strings($source, qr/stderr, (?=")/);

	($usage) = $help{$program} =~ /\A(.*?)\n\n/s if $help{$program};
	$usage =~ s/^usage: \S+//;
	return $usage =~ s/\\[nt]|\s+/ /gr;
}

sub synopsis_options {
	my ($synopsis) = @_;
	my @found;

	for ($synopsis =~ /^\.Op Fl (.*)$/mg) {
		push @found, /^(\w) Ar / ? "$1:" : split //, $_;
	}
	return @found;
}

# A synopsis as the usage line has it.
sub synopsis_words {
	my ($synopsis) = @_;
	my @words = grep { s/^\.Op // } split /\n/, $synopsis;

	for (@words) {
		s/^Fl /-/;
		s/\bAr //g;
		s/ Ns Op : Ns (\w+) Ns Op : Ns (\w+)/[:$1\[:$2]]/;
		s/ Op (\w+)$/ [$1]/;
		$_ = "[$_]";
	}
	return @words;
}

for my $program (sort keys %manual) {
	my ($in) = $manual{$program} =~ m{(.*)/};
	my $source = join '', map { slurp($_) } glob "$in/*.c $in/*/*.c";
	my $mdoc = slurp($manual{$program});
	my $synopsis = section($mdoc, 'SYNOPSIS');
	my @options = getopt_options($program, $source);

	same(\@options, [synopsis_options($synopsis)], 'option',
	    "the synopsis of $program");
	same([map {s/://r} @options],
	    [section($mdoc, 'DESCRIPTION') =~ /^\.It Fl (\w)/mg], 'option',
	    "the description of $program");
	my @usage = usage_line($program, $source) =~ /(\[(?:[^][]|\[(?:[^][]|\[[^][]*\])*\])*\])/g;
	is(join(' ', sort @usage), join(' ', sort(synopsis_words($synopsis))),
	    "the usage line of $program is its synopsis");
}

# The server's log, refusals and defaults.

my %source = map { $_ => slurp($_) } glob 'chatserv/*.c chatserv/*/*.c ipc/*/*.c';
my $server = join '', map { $source{$_} } grep {/^chatserv/} sort keys %source;
my $bus = join '', map { $source{$_} } grep {/^ipc/} sort keys %source;
my $chatserv8 = slurp('chatserv/chatserv.8');
my $proto = slurp('chatserv/chatproto.7');

# Between what is filled in, a line of the log is words of the manual.
my $log = words(section($chatserv8, 'LOG'));
for my $format (strings($server, qr/log_(?:info|debug)\(\s*/)) {
	my @parts = grep {/\w{2}/} split /\s*%(?:\.\*)?[a-z]+\s*/, $format;
	s/^[: ]+|[ (]+$//g for @parts;
	is(join(', ', grep { index($log, $_) < 0 } @parts), '',
	    "the log line \"$format\" is in chatserv(8)");
}

my $web = join '', map { slurp($_) } glob 'contrib/chatweb/*.c';
my $web_log = words(section(slurp($manual{chatweb}), 'LOG'));
for my $format (strings($web, qr/log_(?:info|debug|warn)\(\s*/)) {
	my @parts = grep {/\w{2}/} split /\s*%(?:\.\*)?[a-z]+\s*/, $format;
	s/^[: ]+|[ (]+$//g for @parts;
	is(join(', ', grep { index($web_log, $_) < 0 } @parts), '',
	    "the log line \"$format\" is in chatweb(8)");
}

# Why a client cannot join.
my ($denied) = slurp('ipc/common/event.h') =~ /#define EVENT_DENIED\s+(".*")/;
$server =~ s/\bEVENT_DENIED\b/$denied/g;
my ($start) = $server =~ /^(children_start\(.*?^\})/ms;
my %seen;
my @refusals = grep { !$seen{$_}++ } (strings($server, qr/\brefuse\(\w+, [^,]+,\s*/),
    strings($start, qr/\breturn\s+/),
    strings($source{'chatserv/parent/limit.c'}, qr/\*why = /));
same(\@refusals, [section($proto, 'LIMITS') =~ /^\.Li !! (.*)/mg], 'refusal',
    'chatproto(7)');
none_lacks(\@refusals, [section($chatserv8, 'LIMITS') =~ /^\.It !! (.*)/mg],
    'and in chatserv(8)');

my ($clients) = $server =~ /#define DEFAULT_CLIENTS\s+(\d+)/;
my ($port) = $server =~ /#define DEFAULT_PORT\s+(\d+)/;
my ($naming) = $server =~ /#define DEFAULT_NAMING\s+(\d+)/;
my ($ring) = $server =~ /#define DEFAULT_RING\s+\(UINT64_C\(1\) << (\d+)\)/;
my $description = words(section($chatserv8, 'DESCRIPTION'));
holds($description, "by default $_", "the default $_ is told")
    for $clients, $port, $naming, (1 << $ring - 20) . 'M';

# The wire.

same([$server =~ /^\t\{ "(!\w+)",/mg],
    [join('', map { section($proto, $_) } 'COMMANDS', 'Speaking for others')
    =~ /^\.It Ic (!\w+)/mg], 'command',
    'chatproto(7)');
my @settings = $source{'chatserv/session/setting.c'} =~
    /strcmp\(word, "(!\w+)"\)/g;
none_lacks(\@settings, [section($proto, 'ENTERING') =~ /(!\w+)/g],
    'each setting is in chatproto(7)');
none_lacks([section($proto, 'ENTERING') =~ /\.(?:It )?Ic (!\w+)/g], \@settings,
    'and each setting in chatproto(7) exists');

my ($words) = $source{'ipc/common/event.c'} =~ /words\[EVENT_KINDS\] = \{(.*?)\};/s;
same([$words =~ /"(\w+)"/g],
    [section($proto, 'EVENTS') =~ /Ta Li (\w+) Ta Li \w+(?:>\w+)? Ta /g,
	section($proto, 'ANSWERS') =~ /^\.Dl -<TAB>(\w+)/mg],
    'kind of line', 'chatproto(7)');

# Wherever a session gives a reason for its end, or for a leave.
my @reasons = map { /"([^"]+)"/g } (($server . $bus) =~
    /\b((?:session_leave|roster_announce_death)\([^;]*|s->lost = [^;]*);/g,
    $source{'chatserv/session/leaving.c'} =~ /\b(why = [^;]*;)/g);
same(\@reasons, [section($proto, 'Reasons') =~ /^\.It Li (.*)/mg], 'reason',
    'chatproto(7)');

for my $number (qw(LINE_TEXT_MAX TEXT_NAME_MAX)) {
	my $headers = slurp('ipc/common/line.h') . slurp('ipc/common/text.h');
	my ($value) = $headers =~ /#define $number\s+(\d+)/;
	ok(words($proto) =~ /\b$value bytes/, "$number is in chatproto(7)");
}

# The bus.

my @headers = grep { !/tuning/ } glob 'ipc/bus/*.h';
my @functions = map { slurp($_) =~ /^\w[^#;*\/]*?\b(\w+)\([^;]*\);/mg,
    slurp($_) =~ /^(\w+)\([^;{]*\)\n\{/mg } @headers;
my $bus3 = slurp('ipc/bus/bus.3');
same(\@functions, [map { /(?!Fn\b)\b(\w+)/g } $bus3 =~ /^\.(?:Pq )?Fn (.*)$/mg],
    'function', 'bus(3)');
same([grep {/\.h/} @headers], [$bus3 =~ /^\.In (\S+)/mg], 'header',
    'the synopsis of bus(3)');

# Files that the documents name.

for my $document ('README.md', @in_tree) {
	my $text = slurp($document);
	my @paths = $text =~ m{\b((?:tests|ipc|chatserv|chatc|contrib)/
	    [\w./-]*\w)}gx;
	is(join(', ', grep { !-e && !/\*/ && $makefile !~ /^\Q$_\E:/m } @paths),
	    '', "each file that $document names is there or can be made");
}

# Each claim of the server's security is followed by tests, each of which
# there is, and by faults under which they fail; a fault that is kept is there.
my $security = slurp('chatserv/chatserv-security.7');
for my $part ('WHAT IS PROTECTED', 'A SESSION THAT WAS TAKEN OVER') {
	my @claims = section($security, $part) =~ /^\.It\n(.*?)(?=^\.(?:It|El)$)/msg;
	ok(scalar @claims, "there are claims in \"$part\"");
	is(join('', grep { !m{^\.Pa tests/.* :\n[^.]}m } @claims), '',
	    'and each names a test and a fault under which it fails');
}
my @promises = section($bus3, 'PROMISES') =~ /^\.It\n(.*?)(?=^\.(?:It|El)$)/msg;
ok(scalar @promises, 'there are promises in bus(3)');
is(join('', grep { !m{^\.Pa tests/.*^Faults: .*^\.Dl \$ make }ms } @promises),
    '', 'and each names a test, a fault and a command');
my %patch = map { m{/(\d+)-} => 1 } glob 'tests/faults/*.patch';
is(join(' ', grep { !$patch{$_} } "$security$bus3" =~ m{\bfaults/(\d+)}g), '',
    'each fault that they name is there');
my $readme = slurp('README.md');
same([map {"$_/"} grep {-d} glob '*'],
    [$readme =~ m{^\| `(\w+/)`}mg], 'folder', 'README.md');

# Scenarios.
my @scenarios = glob 'tests/*.t';
my %of_number;
push @{$of_number{substr $_, 6, 3}}, $_ for @scenarios;
is(join(' ', map {@$_} grep { @$_ > 1 } values %of_number), '',
    'no two scenarios have one number');
is(join(' ', grep { slurp($_) !~ /\A(?:#.*\n)*?# Goal: / } @scenarios), '',
    'each begins with its goal');

done_testing();
