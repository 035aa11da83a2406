#!/usr/bin/env perl
#
# Goal: a host cannot publish under another's name, nothing secret is visible
# from outside, and a node whose certificate nobody has signed gets no line.

use strict;
use warnings;
use lib 'tests/lib';
use Hosts;
use Test::More;

my $missing = Hosts::missing();
plan skip_all => $missing if $missing;
plan skip_all => 'no openssl' if system('openssl version >/dev/null 2>&1') != 0;
Room::allows(qr/.*: joined as link.*/, qr/room .*/);

# The permissions that chatlink(8) says a host needs, for the room "test".
sub permissions {
	my ($host) = @_;

	my $manual = `mandoc -T ascii contrib/chatlink/chatlink.8 | col -b`;
	my ($text) = $manual =~ /^(\s+publish: .*?subscribe: .*?\])/ms or
	    die "no permissions in the manual\n";
	return $text =~ s/hosta/$host/gr =~ s/\bden\b/test/gr;
}

my $dir = File::Temp->newdir;
chmod 0755, $dir;

sub spew {
	my ($name, $text, $mode) = @_;

	open my $fh, '>', "$dir/$name" or die "$name: $!\n";
	print $fh $text;
	close $fh;
	chmod $mode // 0644, "$dir/$name";
	return "$dir/$name";
}

sub certificate {
	my ($name) = @_;

	system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 " .
	    "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 " .
	    "-keyout $dir/$name.key -out $dir/$name.pem 2>/dev/null") == 0
	    or die "openssl\n";
}

certificate($_) for qw(node other);
my $users = join "\n", map {"{ user: $_, password: secret-$_, permissions: {\n" .
    permissions($_) . "\n} }" } qw(ha hb);
my $config = spew('engine.conf', <<"END");
tls { cert_file: "$dir/node.pem", key_file: "$dir/node.key" }
authorization { users: [
{ user: boss, password: secret-boss }
$users
] }
END
my %login;
for my $who (qw(boss ha hb)) {
	$login{$who} = spew("$who.login", "$who:secret-$who\n", 0600);
	chown((getpwnam $Hosts::USER)[2, 3], $login{$who}) if $who ne 'boss';
}
my $hosts = Hosts->start(nodes => 1, hosts => [qw(ha hb)],
    node_options => ['-c', $config],
    stream_options => ['-C', $login{boss}, '-T', "$dir/node.pem"],
    options => sub { ('-C', $login{ $_[0] }, '-T', "$dir/node.pem") });
my $ann = $hosts->enter('ha', 'ann');
my $bob = $hosts->enter('hb', 'bob');
$ann->say('hello');
$bob->sees(qr/\tmsg\tann\/ha\thello$/,
    'with the permissions of the manual, lines come through TLS');
$bob->say('!me waves');
$ann->sees(qr/\tme\tbob\/hb\twaves$/, 'and back');
ok(Wait::until_true(sub {
	$bob->say('!msg link who');
	return grep { /\tpriv\tlink>bob\tha, 1: ann$/ }
	    $bob->expect(qr/\tpriv\tlink>bob\t/);
}, 0.1), 'and who is there');

# ---- another host's name ----

# The room of host hx, whose link claims to be ha, with hb's password.
$hosts->{number}{hx} = Client::free_port();
$hosts->start_room('hx');
my $eve = $hosts->enter('hx', 'eve');
my @as_ha = ('-c', 'chatc/chatc', '-f', "$hosts->{dir}/state/hx", '-h', 'ha',
    '-u', $hosts->path('hx'), $> == 0 ? ('-U', $Hosts::USER) : (), '-T',
    "$dir/node.pem");
my $forger = Hosts::Daemon->start($Hosts::LINK, @as_ha, '-C', $login{hb},
    'test', @{ $hosts->{urls} });
$eve->say('forged');
$forger->expect_log(qr/out: the engine did not store a message/);
$bob->say('after it');
my @heard = $ann->expect(qr/\tmsg\tbob\/hb\tafter it$/);
push @heard, $bob->expect(qr/\tmsg\tbob\tafter it$/);
is(scalar(grep { /forged/ } @heard), 0,
    "with ha's name and hb's password nobody publishes as ha");
$forger->end;
$eve->close;

# ---- another node, and others' eyes ----

my $wrong = spew('wrong.login', "ha:secret-hb\n", 0600);
chown((getpwnam $Hosts::USER)[2, 3], $wrong);
for my $case (['a certificate that nobody vouched for', '-T', "$dir/other.pem",
    '-C', $login{hb}], ['a wrong password', '-T', "$dir/node.pem", '-C',
    $wrong]) {
	my ($what, @options) = @$case;
	my $link = Hosts::Daemon->start($Hosts::LINK, '-f',
	    "$hosts->{dir}/state/other", '-h', 'hc', '-u', $hosts->path('hb'),
	    $> == 0 ? ('-U', $Hosts::USER) : (), @options, 'test',
	    @{ $hosts->{urls} });
	$link->expect_log(qr/cannot connect to the engine/);
	pass("with $what there is no link");
	unlike($link->log, qr/secret/, 'and the log has no secret');
	$link->end;
}
chmod 0644, $login{hb};
my $open = Hosts::Daemon->start($Hosts::LINK, '-f',
    "$hosts->{dir}/state/other", '-h', 'hc', '-u', $hosts->path('hb'),
    $> == 0 ? ('-U', $Hosts::USER) : (), '-C', $login{hb}, 'test',
    @{ $hosts->{urls} });
$open->expect_log(qr/users other than its owner have access/);
pass('a file that others can read is refused');
$open->end;
unlike(join('', map { $_->{title} } Room::processes()), qr/secret/,
    'no secret is seen in ps');
my ($limit) = `cat /proc/${\$hosts->link('ha')->pid}/limits` =~
    /core file size\s+(\d+)/;
is($limit, 0, 'and there is no core to have one');
$_->close for $ann, $bob;
$hosts->stop;
done_testing();
