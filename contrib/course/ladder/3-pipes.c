/* SPDX-License-Identifier: ISC */

/*
 * Rung 3: the parent carries every message.
 *
 * A child writes what its client says into a pipe to the parent, which writes
 * it into a pipe to each child.  So all clients hear each other, in one order,
 * the parent's.  Each further client costs two system calls a message, and a
 * process switch.
 *
 * A write of at most PIPE_BUF bytes into a pipe is atomic, so lines of several
 * children do not mix in the one pipe to the parent.
 *
 * Watch it: stop one client (^Z), and let another say much.  Ask: a pipe holds
 * 64 KiB; whose write(2) blocks when one client does not read, and who waits
 * for that one?
 */

#include <poll.h>

#include "contrib/course/ladder/net.h"

#define CHILDREN	256

static int	to_child[CHILDREN];	/* 0: free */
static int	to_parent[2];		/* one pipe for all children */

static void __attribute__((noreturn))
serve(int fd, int from_parent)
{
	struct client	c = { .fd = fd };
	struct pollfd	pfd[2] = { { fd, POLLIN, 0 },
	    { from_parent, POLLIN, 0 } };
	char		line[NET_LINE], out[NET_LINE], buf[4096];
	ssize_t		n;

	(void)net_put(fd, NET_GREETING, strlen(NET_GREETING));
	for (;;) {
		if (poll(pfd, 2, -1) == -1)
			continue;
		if (pfd[1].revents != 0) {
			if ((n = read(from_parent, buf, sizeof(buf))) <= 0)
				_exit(0);
			if (c.name[0] != '\0' &&
			    !net_put(fd, buf, (size_t)n))
				break;
		}
		if (pfd[0].revents != 0 && !net_fill(&c))
			break;
		while (net_line(&c, line))
			(void)net_put(to_parent[1], out,
			    net_say(&c, line, out));
	}
	(void)net_put(to_parent[1], out, net_leave(&c, out));
	_exit(0);
}

static void
start_child(int listener)
{
	int fd = accept(listener, NULL, NULL), down[2], i;

	if (fd == -1 || pipe(down) == -1)
		return;
	for (i = 0; i < CHILDREN && to_child[i] != 0; i++)
		continue;
	if (i < CHILDREN && fork() == 0) {
		(void)close(listener);
		(void)close(down[1]);
		for (i = 0; i < CHILDREN; i++)
			if (to_child[i] != 0)
				(void)close(to_child[i]);
		serve(fd, down[0]);
	}
	if (i < CHILDREN)
		to_child[i] = down[1];
	(void)close(down[0]);
	(void)close(fd);
}

/* To each child; forget those that are gone. */
static void
spread(const char *s, size_t len)
{
	int i;

	for (i = 0; i < CHILDREN; i++)
		if (to_child[i] != 0 && !net_put(to_child[i], s, len)) {
			(void)close(to_child[i]);
			to_child[i] = 0;
		}
}

int
main(int argc, char *argv[])
{
	struct pollfd	pfd[2];
	char		buf[4096];
	ssize_t		n;

	pfd[0] = (struct pollfd){ net_listen(argc, argv), POLLIN, 0 };
	if (pipe(to_parent) == -1)
		err(1, "pipe");
	pfd[1] = (struct pollfd){ to_parent[0], POLLIN, 0 };
	/* Nobody needs the children's status: the kernel reaps them. */
	(void)signal(SIGCHLD, SIG_IGN);
	for (;;) {
		if (poll(pfd, 2, -1) == -1)
			continue;
		if (pfd[1].revents != 0 &&
		    (n = read(to_parent[0], buf, sizeof(buf))) > 0)
			spread(buf, (size_t)n);
		if (pfd[0].revents != 0)
			start_child(pfd[0].fd);
	}
}
