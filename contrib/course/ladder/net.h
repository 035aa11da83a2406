/* SPDX-License-Identifier: ISC */

/*
 * What every rung of the ladder needs of the network, and what no lesson is
 * about: a listening socket, a line from a client, and bytes to it.
 *
 * All rungs speak the same protocol: the server sends NET_GREETING, the client
 * its name on a line; then the others receive each of its lines as "<name>
 * line".
 */
#ifndef LADDER_NET_H
#define LADDER_NET_H

#include <sys/socket.h>
#include <netinet/in.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NET_GREETING	"Welcome, your name?\n"
#define NET_LINE	512	/* bytes of a line, its LF and NUL included */
#define NET_NAME	32

/* A client: its socket, its name, and bytes that are no whole line yet. */
struct client {
	int	fd;
	char	name[NET_NAME + 1];
	char	in[NET_LINE];
	size_t	len;
};

/*
 * Listen on the port that the command line names (0: a free one) of this
 * machine alone, and print which it is.
 */
static inline int
net_listen(int argc, char *argv[])
{
	struct sockaddr_in	sin;
	socklen_t		len = sizeof(sin);
	int			fd, one = 1;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((in_port_t)(argc > 1 ?
	    strtoul(argv[1], NULL, 10) : 0));
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "cannot listen");
	(void)printf("port %u\n", (unsigned int)ntohs(sin.sin_port));
	(void)fflush(stdout);
	/* A client that has gone makes write(2) fail, and does not kill us. */
	(void)signal(SIGPIPE, SIG_IGN);
	return fd;
}

/* Write all of s, however many calls it takes; false if the client is gone. */
static inline bool
net_put(int fd, const char *s, size_t len)
{
	ssize_t n;

	for (; len > 0; s += n, len -= (size_t)n) {
		n = write(fd, s, len);
		if (n == -1 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return false;
	}
	return true;
}

/* Read once what the client has sent; false at its end. */
static inline bool
net_fill(struct client *c)
{
	ssize_t n;

	if (c->len == sizeof(c->in))
		c->len = 0;	/* no line is that long: discard it */
	do
		n = read(c->fd, c->in + c->len, sizeof(c->in) - c->len);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return false;
	c->len += (size_t)n;
	return true;
}

/* The client's next whole line, without its end; false if there is none. */
static inline bool
net_line(struct client *c, char line[NET_LINE])
{
	char	*lf = memchr(c->in, '\n', c->len);
	size_t	 n;

	if (lf == NULL)
		return false;
	n = (size_t)(lf - c->in);
	memcpy(line, c->in, n);
	line[n > 0 && line[n - 1] == '\r' ? n - 1 : n] = '\0';
	c->len -= n + 1;
	memmove(c->in, lf + 1, c->len);
	return true;
}

/*
 * What the room receives for a line of c: that it joined, if the line is its
 * name, or what it says.  Returns the length, at most NET_LINE - 1.
 */
static inline size_t
net_say(struct client *c, const char *line, char out[NET_LINE])
{
	int n;

	if (c->name[0] == '\0') {
		(void)snprintf(c->name, sizeof(c->name), "%.*s", NET_NAME,
		    line[0] == '\0' ? "nobody" : line);
		n = snprintf(out, NET_LINE, "* %s joined\n", c->name);
	} else {
		n = snprintf(out, NET_LINE, "<%s> %.*s\n", c->name,
		    NET_LINE - NET_NAME - 6, line);
	}
	return (size_t)n;
}

/* The line that it has left; 0 if nobody knew of it. */
static inline size_t
net_leave(const struct client *c, char out[NET_LINE])
{
	return c->name[0] == '\0' ? 0 :
	    (size_t)snprintf(out, NET_LINE, "* %s left\n", c->name);
}

#endif
