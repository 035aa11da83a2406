# Chromium, driven by tests/browser/drive.js.
#
# Each page is a visitor of its own, with storage of its own.  Whatever a test
# asks of a page waits for it as a person would, for half a minute at most.

package Browser;

use strict;
use warnings;
use IPC::Open2;
use JSON::PP;
use Test::More ();
use Wait;

my $driver = 'tests/browser/drive.js';
my $json = JSON::PP->new->utf8->canonical->allow_nonref;

# The program, or why it cannot run.
sub program {
	my ($path) = grep {-x} map { ("$_/chromium", "$_/chromium-browser",
	    "$_/google-chrome") } split /:/, $ENV{PATH};
	return $ENV{CHROMIUM} // $path;
}

sub missing {
	return 'no node' if !grep {-x "$_/node"} split /:/, $ENV{PATH};
	return 'no tests/browser/node_modules (contrib/setup -t brings them)'
	    if !-d 'tests/browser/node_modules/playwright-core';
	return 'no chromium' if !defined program();
	return;
}

my @started;

# With these further arguments for Chromium.
sub start {
	my ($class, @argv) = @_;

	my $pid = open2(my $out, my $in, 'node', $driver, program(), @argv);
	$in->autoflush(1);
	$out->blocking(0);
	my $self = bless { pid => $pid, fh => $out, in => $in, bytes => '' },
	    $class;
	push @started, $self;
	Wait::add($self);
	$self->answer('its start');
	return $self;
}

# For Wait, as in every handle.
sub fh { $_[0]{fh} }
sub wants_input { !$_[0]{over} }
sub wants_output { 0 }

sub take {
	my ($self) = @_;
	my $n = sysread $self->{fh}, $self->{bytes}, 1 << 16,
	    length $self->{bytes};
	$self->{over} = 1 if defined $n && $n == 0;
}

sub answer {
	my ($self, $what) = @_;

	# The driver's own limit is shorter, and explains more.
	local $Wait::LIMIT = 60;
	Wait::until_true(sub { $self->{bytes} =~ /\n/ || $self->{over} });
	$self->{bytes} =~ s/\A(.*)\n// or die "the browser ended at $what\n";
	my $answer = $json->decode($1);
	die "$what: $answer->{error}\n" if defined $answer->{error};
	return $answer->{value};
}

sub ask {
	my ($self, $op, %how) = @_;

	print { $self->{in} } $json->encode({ op => $op, %how }), "\n";
	return $self->answer("$op " . join ' ', map { "$_=$how{$_}" }
	    sort keys %how);
}

# A visitor at this address.
sub visit {
	my ($self, $id, $url, %how) = @_;

	my $status = $self->ask('open', id => $id, url => $url, %how);
	return bless { id => $id, browser => $self, status => $status },
	    'Browser::Page';
}

# A test: no page reported an error, or contacted another host.
sub is_content {
	my ($self, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::is(join("\n", @{ $self->ask('trouble') }), '', $name);
}

END {
	my $status = $?;
	for my $browser (@started) {
		close $browser->{in};
		eval { Wait::until_true(sub { $browser->{over} }) } or
		    kill 'KILL', $browser->{pid};
		waitpid $browser->{pid}, 0;
	}
	$? = $status;
}

package Browser::Page;

sub ask {
	my ($self, $op, %how) = @_;
	return $self->{browser}->ask($op, id => $self->{id}, %how);
}

sub wait_for { my ($self, $js) = @_; $self->ask('wait', js => $js) }
sub value { my ($self, $js) = @_; return $self->ask('eval', js => $js) }
sub press { my ($self, $key) = @_; $self->ask('press', key => $key) }

# Join under this name, as a person with a keyboard does.
sub enter {
	my ($self, $name) = @_;

	$self->ask('fill', what => '#name', text => $name);
	$self->press('Enter');
	$self->wait_for("document.getElementById('state').textContent === " .
	    $json->encode("you are $name"));
	return $self;
}

sub say {
	my ($self, $text) = @_;

	$self->ask('fill', what => '#line', text => $text);
	$self->press('Enter');
	return $self;
}

# A test: this text appears in the conversation.
sub shows {
	my ($self, $text, $name) = @_;

	my $found = eval {
		$self->wait_for('document.getElementById("log").textContent' .
		    '.includes(' . $json->encode($text) . ')');
		1;
	};
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::ok($found, $name) or Test::More::diag($@,
	    $self->value('document.body.innerText'));
}

1;
