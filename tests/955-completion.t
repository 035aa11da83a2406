#!/usr/bin/env perl
#
# Goal: shells complete the options that chatc and chatserv have, and make
# install puts what they need to know where they look for it.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
use Files qw(slurp_if_any spew);
use Room;
use Terminal;
use Test::More;

my %program = (chatc => $Chatc::PROGRAM, chatserv => $Room::PROGRAM);
my %file = (bash => '%s.bash', zsh => '_%s', fish => '%s.fish');
my %place = (bash => 'bash-completion/completions/%s',
    zsh => 'zsh/site-functions/_%s',
    fish => 'fish/vendor_completions.d/%s.fish');
my $here = 'contrib/completion';

sub has { return grep { -x "$_/$_[0]" } split /:/, $ENV{PATH} }

# A path of %file or %place, for this program.
sub for_program { return sprintf $_[0], $_[1] }

my %letters;
for my $name (sort keys %program) {
	my $help = qx($program{$name} -h);
	$letters{$name} = [$help =~ /^  -(\w)/mg];
	for my $shell (sort keys %file) {
		my $file = "$here/" . for_program($file{$shell}, $name);
		is(qx($program{$name} -h | $here/generate $shell),
		    slurp_if_any($file), "$shell knows the options of $name: " .
		    'else run generate again');
		SKIP: {
			skip "no $shell here", 1 if !has($shell);
			is(system("$shell -n $file"), 0,
			    "$shell understands it");
		}
	}
}

# Each shell, with what lies in the tree, as a user has it.
my $home = File::Temp->newdir;
mkdir "$home/.ssh" or die;
spew("$home/.ssh/known_hosts", "room.example.org ssh-ed25519 AAAAC3Nz\n");
spew("$home/zshrc", "fpath=($ENV{PWD}/$here \$fpath)\nautoload -U compinit\n" .
    "compinit -D -u\nzstyle ':completion:*' list-prompt ''\n" .
    "LISTMAX=100\nPS1='READY '\n");
spew("$home/bashrc", ". $here/chatc.bash\n. $here/chatserv.bash\n" .
    "PS1='READY '\n" .
    "bind 'set completion-query-items 0'\nbind 'set page-completions off'\n" .
    "HOSTFILE=$home/hosts\n");
spew("$home/hosts", "192.0.2.1 room.example.org\n");
my %start = (bash => "bash --rcfile $home/bashrc",
    zsh => "ZDOTDIR=$home zsh -d",
    fish => "fish --no-config -C 'source $here/chatc.fish; " .
	"source $here/chatserv.fish; " .
	"function fish_prompt; echo \"READY \"; end'");
rename "$home/zshrc", "$home/.zshrc" or die;

# All at once, for they are slow.
my %terminal;
for my $shell (grep { has($_) } Terminal::available() ? keys %start : ()) {
	$terminal{$shell} = Terminal->start(100, 40);
	$terminal{$shell}->type("clear; HOME=$home TERM=xterm $start{$shell}")
	    ->keys('Enter');
}

# A test: with this typed, Tab shows or completes what is wanted.
sub completes {
	my ($t, $typed, $wanted, $name) = @_;

	$t->keys('C-u', 'C-l')->type($typed);
	$t->expect(qr/READY \Q$typed\E\s*/);
	$t->keys('Tab', 'Tab');
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$t->shows($wanted, $name);
}

# All letters, in any order.
sub all {
	my ($name) = @_;
	my $each = join '', map {"(?=.*\\s-$_\\b)"} @{ $letters{$name} };
	return qr/READY $name -$each/s;
}

my $user = getpwuid $>;
for my $shell (sort keys %start) {
	SKIP: {
		my $t = $terminal{$shell};
		skip "no $shell here, or no tmux", 8 if !defined $t;
		$t->expect(qr/\A\s*READY ?$/m);
		completes($t, 'chatc -', all('chatc'),
		    "$shell offers each option of chatc");
		completes($t, "chatc -u $here/gen", qr{-u $here/generate},
		    "$shell completes a path");
		completes($t, "chatc -dru $here/gen", qr{-dru $here/generate},
		    "$shell does so after several options in one");
		completes($t, 'chatc -e mkfif', qr/-e mkfifo/,
		    "$shell completes a command");
		completes($t, 'chatc -d room.ex', qr/-d room\.example\.org/,
		    "$shell completes a host");
		completes($t, 'chatserv -', all('chatserv'),
		    "$shell offers each option of chatserv");
		completes($t, "chatserv -bl $here/gen", qr{-bl $here/generate},
		    "$shell completes the path of a log");
		completes($t, 'chatserv -U ' . substr($user, 0, -1),
		    qr/-U \Q$user\E/, "$shell completes a user");
	}
}

my $root = File::Temp->newdir;
local @ENV{qw(MAKEFLAGS MFLAGS)} = ('', '');
is(system("make install DESTDIR=$root PREFIX=/usr >/dev/null 2>&1"), 0,
    'make install');
for my $name (sort keys %program) {
	is(slurp_if_any("$root/usr/share/" . for_program($place{$_}, $name)),
	    slurp_if_any("$here/" . for_program($file{$_}, $name)),
	    "installs what $_ knows of $name") for sort keys %place;
}
is(system("make uninstall CC=true DESTDIR=$root PREFIX=/usr " .
    '>/dev/null 2>&1'), 0,
    'make uninstall');
is(join(' ', grep { -e "$root/usr/share/$_" } map {
    my $name = $_;
    map { for_program($_, $name) } values %place
} keys %program), '', 'takes all of them away');
done_testing();
