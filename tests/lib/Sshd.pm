# A real sshd on the loopback, which ends with the test.

package Sshd;

use strict;
use warnings;
use Chatc;
use Client;

my ($program) = grep { -x } qw(/usr/sbin/sshd /usr/local/sbin/sshd);
my @made;

sub available {
	return defined $program && grep { -x "$_/ssh" } split /:/, $ENV{PATH};
}

# With its files in $dir and this in its configuration; returns the beginning
# of an ssh command that logs in, with $dir as its home: what the shells of
# whoever runs the tests read at their start is no part of them.
sub start {
	my ($dir, $more) = @_;

	# As root it insists on this directory.
	push @made, '/run/sshd' if mkdir '/run/sshd';
	for my $key (grep { !-e "$dir/$_" } qw(host user)) {
		system('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f',
		    "$dir/$key") == 0 or die;
	}
	my $port = Client::free_port();
	open my $config, '>', "$dir/sshd_config" or die;
	print $config <<"END";
ListenAddress 127.0.0.1:$port
HostKey $dir/host
AuthorizedKeysFile $dir/user.pub
StrictModes no
PermitRootLogin yes
UsePAM no
PidFile none
SetEnv HOME=$dir
$more
END
	close $config;
	my $sshd = Chatc->start(program => [$program, qw(-D -e -f),
	    "$dir/sshd_config"], '--');
	$sshd->expect(qr/listening on 127\.0\.0\.1/, 'err');
	return "ssh -q -i $dir/user -p $port -o BatchMode=yes " .
	    '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ' .
	    '-o GlobalKnownHostsFile=/dev/null -F none 127.0.0.1';
}

END { my $status = $?; rmdir for @made; $? = $status }

1;
