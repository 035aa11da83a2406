/* SPDX-License-Identifier: ISC */

/*
 * For comparison: one process, and select(2).
 *
 * One loop serves all clients.  There is nothing to share, to lock or to wake;
 * but nothing may block either, so each client has a buffer of what it has not
 * read yet.  A client that reads nothing until its buffer is full is
 * disconnected: the server waits no longer than the buffer lasts.
 *
 * Watch it: perf stat -e context-switches, against 6-woken.  Ask: what does
 * FD_SETSIZE mean for the 1025th client?
 */

#include <sys/select.h>
#include <fcntl.h>

#include "contrib/course/ladder/net.h"

#define CLIENTS		256
#define OUT_SIZE	(4 << 20)	/* bytes that one may be behind */

static struct member {
	struct client	 c;		/* fd 0: free */
	char		*out;
	size_t		 len;
} member[CLIENTS];

static void
leave(struct member *m);

/* Append s to what waits for m; disconnect it if its buffer is full. */
static void
queue(struct member *m, const char *s, size_t len)
{
	if (m->len + len > OUT_SIZE) {
		leave(m);
		return;
	}
	memcpy(m->out + m->len, s, len);
	m->len += len;
}

static void
say_to_all(const char *s, size_t len)
{
	struct member *m;

	for (m = member; m < member + CLIENTS; m++)
		if (m->c.fd != 0 && m->c.name[0] != '\0')
			queue(m, s, len);
}

static void
leave(struct member *m)
{
	char	out[NET_LINE];
	size_t	len = net_leave(&m->c, out);

	(void)close(m->c.fd);
	m->c.fd = 0;
	free(m->out);
	say_to_all(out, len);
}

static void
enter(int listener)
{
	struct member	*m = member;
	int		 fd = accept(listener, NULL, NULL);

	if (fd == -1)
		return;
	while (m < member + CLIENTS && m->c.fd != 0)
		m++;
	if (m == member + CLIENTS || (m->out = malloc(OUT_SIZE)) == NULL ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1) {
		(void)close(fd);
		return;
	}
	memset(&m->c, 0, sizeof(m->c));
	m->c.fd = fd;
	m->len = 0;
	queue(m, NET_GREETING, strlen(NET_GREETING));
}

static void
receive(struct member *m)
{
	char line[NET_LINE], out[NET_LINE];

	if (!net_fill(&m->c)) {
		if (errno != EAGAIN)
			leave(m);
		return;
	}
	while (m->c.fd != 0 && net_line(&m->c, line))
		say_to_all(out, net_say(&m->c, line, out));
}

static void
flush(struct member *m)
{
	ssize_t n = write(m->c.fd, m->out, m->len);

	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		leave(m);
	} else if (n > 0) {
		m->len -= (size_t)n;
		memmove(m->out, m->out + n, m->len);
	}
}

int
main(int argc, char *argv[])
{
	struct member	*m;
	fd_set		 in, out;
	int		 listener = net_listen(argc, argv), most;

	for (;;) {
		FD_ZERO(&in);
		FD_ZERO(&out);
		FD_SET(listener, &in);
		most = listener;
		for (m = member; m < member + CLIENTS; m++) {
			if (m->c.fd == 0)
				continue;
			FD_SET(m->c.fd, &in);
			if (m->len > 0)
				FD_SET(m->c.fd, &out);
			most = m->c.fd > most ? m->c.fd : most;
		}
		if (select(most + 1, &in, &out, NULL, NULL) == -1)
			continue;
		for (m = member; m < member + CLIENTS; m++) {
			if (m->c.fd != 0 && FD_ISSET(m->c.fd, &out))
				flush(m);
			errno = 0;
			if (m->c.fd != 0 && FD_ISSET(m->c.fd, &in))
				receive(m);
		}
		if (FD_ISSET(listener, &in))
			enter(listener);
	}
}
