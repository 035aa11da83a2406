#!/usr/bin/env perl
#
# Goal: shells complete the options that chatc has, and make install puts what
# they need to know where they look for it.

use strict;
use warnings;
use lib 'tests/lib';
use Chatc;
use File::Temp;
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

# What bash offers after these words.
sub offered {
	my (@words) = @_;

	open my $bash, '-|', 'bash', '-c', ". $here/chatc.bash; " .
	    'compopt() { :; }; _chatc chatc "$1" "$2"; ' .
	    'printf "%s\n" "${COMPREPLY[@]}"', 'bash', @words[-1, -2] or die;
	chomp(my @found = <$bash>);
	return join ' ', sort @found;
}
SKIP: {
	skip 'no bash here', 3 if !has('bash');
	is(offered('chatc', '-'), join(' ', sort map {"-$_"} @letters),
	    'each option is offered');
	is(offered('-n', 'x'), '', 'but none in place of a name');
	is(offered('-u', 'chatc/chatc.'), join(' ', sort glob 'chatc/chatc.*'),
	    'and files for a path');
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
