/* SPDX-License-Identifier: ISC */

/*
 * Going to the background (daemonizing).
 *
 * With -b the process that the user started stays until the server listens,
 * and exits with the status of the start, so that a script can rely on it.
 * The server continues in a session of its own, without the terminal, and in a
 * directory that no unmount(8) fails for.  It forks early, because the new
 * process must hold the lock on the segment, which names its pid.
 *
 * Until it listens, errors go to standard error, too; after that, only to the
 * system's log or to a file (log.c).
 *
 * Runs in the parent, and in the process that waits for its start.
 */

#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>

#include "chatserv/parent/background.h"
#include "chatserv/common/log.h"
#include "ipc/common/bsd.h"

static int	told = -1;		/* -1: nobody waits for the start */
static int	nothing = -1;		/* /dev/null */

/* In the process that the user started: wait for the server's start. */
static void __attribute__((noreturn))
await(int start, pid_t pid)
{
	char	c;
	int	status;
	ssize_t	n;

	do
		n = read(start, &c, 1);
	while (n == -1 && errno == EINTR);
	if (n == 1)
		_exit(0);
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			_exit(1);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

void
background_begin(void)
{
	int	fd[2];
	pid_t	pid;

	if ((nothing = open("/dev/null", O_RDWR)) == -1 || pipe(fd) == -1 ||
	    (pid = fork()) == -1)
		fatal("cannot go into the background");
	if (pid != 0) {
		(void)close(fd[1]);
		await(fd[0], pid);
	}
	(void)close(fd[0]);
	told = fd[1];
	(void)setsid();
}

/* Keep nothing open of the terminal or of the file system. */
static void
detach(void)
{
	/* If we may not enter the root, we are in a chroot already. */
	if ((chdir("/") == -1 && errno != EACCES) ||
	    dup2(nothing, STDIN_FILENO) == -1 ||
	    dup2(nothing, STDOUT_FILENO) == -1)
		fatal("cannot go into the background");
	log_detach();
	(void)close(nothing);
}

void
background_leave(void)
{
	if (told == -1)
		return;
	(void)close(told);
	told = -1;
	detach();
}

void
background_ready(void)
{
	if (told == -1) {
		log_detach();
		return;
	}
	detach();
	if (write(told, "", 1) != 1)
		fatal("no process waits for the start any more");
	(void)close(told);
	told = -1;
}
