/* SPDX-License-Identifier: ISC */

/*
 * The other ends of sessions' connections, as buffers.
 */

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "tests/schedule/client.h"

#define MUCH	64

struct connection connection[CONNECTIONS];

static struct connection kept[CONNECTIONS];

void
client_begin(struct connection *c, const char *says)
{
	memset(c, 0, sizeof(*c));
	c->says = says;
	c->saying = strcspn(says, "\f");
	c->space = sizeof(c->bytes);
}

/* Without the bytes that nobody has sent. */
static void
copy(struct connection *to, const struct connection *from)
{
	int i;

	for (i = 0; i < CONNECTIONS; i++)
		memcpy(&to[i], &from[i],
		    offsetof(struct connection, bytes) + from[i].got);
}

void
client_keep(void)
{
	copy(kept, connection);
}

void
client_restore(void)
{
	copy(connection, kept);
}

/* Up to the next \v behind the readable bytes. */
static void
say_more(struct connection *c)
{
	c->saying += strcspn(c->says + c->saying, "\v");
}

void
client_go_on(struct connection *c)
{
	say_more(c);
}

static size_t
space_left(const struct connection *c)
{
	return c->space > c->got ? c->space - c->got : 0;
}

short
client_poll(const struct connection *c, short events)
{
	short revents = 0;

	if ((events & POLLIN) && (c->said < c->saying || c->hangs_up))
		revents |= POLLIN;
	if ((events & POLLOUT) && space_left(c) > 0)
		revents |= POLLOUT;
	return revents;
}

ssize_t
client_read(struct connection *c, char *buf, size_t size)
{
	size_t n;

	if (c->said < c->saying && c->says[c->said] == '\f')
		c->said++;
	n = strcspn(c->says + c->said, "\f");
	n = n < c->saying - c->said ? n : c->saying - c->said;
	if (n == 0 && !c->hangs_up) {
		errno = EAGAIN;
		return -1;
	}
	n = n < size ? n : size;
	memcpy(buf, c->says + c->said, n);
	c->said += n;
	return (ssize_t)n;
}

ssize_t
client_write(struct connection *c, const char *buf, size_t size)
{
	size_t n = space_left(c);

	if (n == 0) {
		errno = EAGAIN;
		return -1;
	}
	n = n < size ? n : size;
	/* A short write: a socket's buffer need not accept all of it. */
	if (n > MUCH)
		n -= n / 4;
	memcpy(c->bytes + c->got, buf, n);
	c->got += n;
	if (c->says[c->saying] == '\v' && c->said == c->saying) {
		c->said = ++c->saying;
		say_more(c);
	}
	return (ssize_t)n;
}

void
client_ended(struct connection *c)
{
	c->closed = true;
	c->hangs_up = c->hangs_up || !c->stays;
}

void
client_closed(struct connection *c)
{
	c->closed = c->hangs_up = true;
}
