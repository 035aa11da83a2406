/* SPDX-License-Identifier: ISC */

/*
 * Rung 2: a process for each client, and nothing between them.
 *
 * Each client is served at once.  But a child has its own copy of all
 * variables: what one client says, no other process can know.
 *
 * Three things are easily forgotten after fork(2), and each is a fault of the
 * course: the parent closes the client's socket (or the client never sees the
 * end), the child closes the listening one (or the port stays taken), and the
 * parent waits for its children (or they stay as zombies).  One SIGCHLD can
 * stand for many children, so waitpid(2) is called until it has no more.
 *
 * Watch it: ls -l /proc/PID/fd of parent and child; ps -o stat.
 * Ask: what would happen to a global array that lists all clients?
 */

#include <sys/wait.h>

#include "contrib/course/ladder/net.h"

static void
reap(int sig)
{
	int saved = errno;

	(void)sig;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	errno = saved;
}

static void __attribute__((noreturn))
serve(int fd)
{
	struct client	c = { .fd = fd };
	char		line[NET_LINE], out[NET_LINE];

	if (net_put(fd, NET_GREETING, strlen(NET_GREETING)))
		while (net_fill(&c))
			while (net_line(&c, line))
				if (!net_put(fd, out, net_say(&c, line, out)))
					_exit(0);
	_exit(0);
}

int
main(int argc, char *argv[])
{
	struct sigaction	sa = { .sa_handler = reap };
	int			fd, listener = net_listen(argc, argv);

	(void)sigaction(SIGCHLD, &sa, NULL);
	for (;;) {
		if ((fd = accept(listener, NULL, NULL)) == -1)
			continue;	/* EINTR, or the client has gone */
		if (fork() == 0) {
			(void)close(listener);
			serve(fd);
		}
		(void)close(fd);
	}
}
