/* SPDX-License-Identifier: ISC */

/*
 * Rung 1: one client after another.
 *
 * The server accepts a client, serves it until it has gone, and then accepts
 * the next.  Meanwhile the others wait in the queue of listen(2): they are
 * connected, as far as they can tell, and nothing happens.
 *
 * Watch it: connect two clients, and say something in the second.
 * Ask: who has completed the second connection, if accept(2) was not called?
 */

#include "contrib/course/ladder/net.h"

static void
serve(int fd)
{
	struct client	c = { .fd = fd };
	char		line[NET_LINE], out[NET_LINE];

	if (!net_put(fd, NET_GREETING, strlen(NET_GREETING)))
		return;
	while (net_fill(&c))
		while (net_line(&c, line))
			if (!net_put(fd, out, net_say(&c, line, out)))
				return;
}

int
main(int argc, char *argv[])
{
	int fd, listener = net_listen(argc, argv);

	for (;;) {
		if ((fd = accept(listener, NULL, NULL)) == -1)
			continue;
		serve(fd);
		(void)close(fd);
	}
}
