#!/usr/bin/env perl
#
# Goal: shells complete the options that chatc has, and make install puts what
# they need to know where they look for it.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
use Terminal;
use Test::More;

my %file = (bash => 'chatc.bash', zsh => '_chatc', fish => 'chatc.fish');
my %place = (bash => 'bash-completion/completions/chatc',
    zsh => 'zsh/site-functions/_chatc',
    fish => 'fish/vendor_completions.d/chatc.fish');
my $here = 'contrib/completion';

sub slurp {
	my ($path) = @_;

	open my $fh, '<', $path or return '';
	local $/;
	return <$fh>;
}

sub spew {
	my ($path, $text) = @_;

	open my $fh, '>', $path or die "$path: $!\n";
	print $fh $text;
	close $fh;
}

sub has { return grep { -x "$_/$_[0]" } split /:/, $ENV{PATH} }

my $help = qx($Chatc::PROGRAM -h);
my @letters = $help =~ /^  -(\w)/mg;
for my $shell (sort keys %file) {
	is(qx($Chatc::PROGRAM -h | $here/generate $shell),
	    slurp("$here/$file{$shell}"),
	    "what $shell knows is what chatc says: else generate it anew");
	SKIP: {
		skip "no $shell here", 1 if !has($shell);
		is(system("$shell -n $here/$file{$shell}"), 0,
		    "$shell understands it");
	}
}

# Each shell, with what lies in the tree, as a user has it.
my $home = File::Temp->newdir;
mkdir "$home/.ssh" or die;
spew("$home/.ssh/known_hosts", "room.example.org ssh-ed25519 AAAAC3Nz\n");
spew("$home/zshrc", "fpath=($ENV{PWD}/$here \$fpath)\nautoload -U compinit\n" .
    "compinit -D -u\nzstyle ':completion:*' list-prompt ''\n" .
    "LISTMAX=100\nPS1='READY '\n");
spew("$home/bashrc", ". $here/chatc.bash\nPS1='READY '\n" .
    "bind 'set completion-query-items 0'\nbind 'set page-completions off'\n" .
    "HOSTFILE=$home/hosts\n");
spew("$home/hosts", "192.0.2.1 room.example.org\n");
my %start = (bash => "bash --rcfile $home/bashrc",
    zsh => "ZDOTDIR=$home zsh -d",
    fish => "fish --no-config -C 'source $here/chatc.fish; " .
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

for my $shell (sort keys %start) {
	SKIP: {
		my $t = $terminal{$shell};
		skip "no $shell here, or no tmux", 5 if !defined $t;
		$t->expect(qr/\A\s*READY ?$/m);
		completes($t, 'chatc -', join('', map {"(?=.*\\s-$_\\b)"}
		    @letters) =~ s/\A/(?s)READY chatc -/r,
		    "$shell offers each option");
		completes($t, "chatc -u $here/gen", qr{-u $here/generate},
		    "$shell completes a path");
		completes($t, "chatc -dru $here/gen", qr{-dru $here/generate},
		    "$shell does so after several options in one");
		completes($t, 'chatc -e mkfif', qr/-e mkfifo/,
		    "$shell completes a command");
		completes($t, 'chatc -d room.ex', qr/-d room\.example\.org/,
		    "$shell completes a host");
	}
}

my $root = File::Temp->newdir;
local @ENV{qw(MAKEFLAGS MFLAGS)} = ('', '');
is(system("make install DESTDIR=$root PREFIX=/usr >/dev/null 2>&1"), 0,
    'make install');
is(slurp("$root/usr/share/$place{$_}"), slurp("$here/$file{$_}"),
    "installs it for $_") for sort keys %place;
is(system("make uninstall DESTDIR=$root PREFIX=/usr >/dev/null 2>&1"), 0,
    'make uninstall');
is(join(' ', grep { -e "$root/usr/share/$_" } values %place), '',
    'takes all of them away');
done_testing();
