/* SPDX-License-Identifier: ISC */

/*
 * A well-behaved client.
 */

#include <sys/socket.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/chaos/clients.h"
#include "tests/chaos/honest.h"

void
honest_init(struct honest *h)
{
	memset(h, 0, sizeof(*h));
	h->fd = -1;
}

void
honest_come(struct honest *h, const char *name, in_port_t port)
{
	struct sockaddr_in	to = { 0 };
	int			one = 1;

	to.sin_family = AF_INET;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(port);
	honest_init(h);
	line_in_init(&h->in, h->buf, sizeof(h->buf), HONEST_LINE, false);
	(void)strlcpy(h->name, name, sizeof(h->name));
	if ((h->fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    fcntl(h->fd, F_SETFL, O_NONBLOCK) == -1 ||
	    setsockopt(h->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ==
	    -1 || (connect(h->fd, (struct sockaddr *)&to, sizeof(to)) == -1 &&
	    errno != EINPROGRESS))
		err(1, "connect");
	honest_say(h, "!tsv");
	honest_say(h, name);
}

static void
push(struct honest *h)
{
	ssize_t n = write(h->fd, h->out, h->out_len);

	if (n <= 0)
		return;
	h->out_len -= (size_t)n;
	memmove(h->out, h->out + n, h->out_len);
}

void
honest_say(struct honest *h, const char *line)
{
	if (h->fd == -1)
		return;
	h->since = now();
	h->out_len += (size_t)snprintf(h->out + h->out_len,
	    sizeof(h->out) - h->out_len, "%s\n", line);
	if (h->out_len >= sizeof(h->out))
		errx(1, "%s says too much", h->name);
	push(h);
}

double
honest_waits(const struct honest *h)
{
	return h->fd != -1 && h->since > 0 ? now() - h->since : 0;
}

void
honest_count(struct honest *h, bool counts)
{
	h->counts = counts;
	if (counts)
		h->events = h->lost = h->sum = 0;
}

void
honest_watch(struct honest *h, struct watch *w)
{
	h->at = h->fd == -1 ? -1 : watch_add(w, h->fd,
	    (short)(POLLIN | (h->out_len > 0 ? POLLOUT : 0)));
}

/* FNV-1a, over all lines. */
static void
count(struct honest *h, const struct heard *l, const char *line, size_t len)
{
	size_t i;

	if (!h->counts)
		return;
	if (strcmp(l->kind, "lost") == 0)
		h->lost += (uint64_t)number(l->text, INT64_MAX);
	/* Private lines reach nobody else. */
	if (l->id[0] == '-' || strcmp(l->kind, "priv") == 0)
		return;
	for (i = 0; i < len; i++)
		h->sum = (h->sum ^ (unsigned char)line[i]) *
		    UINT64_C(1099511628211);
	h->events++;
}

static void
hear(struct honest *h, char *line, size_t len, honest_hears *hears, void *arg)
{
	char		 copy[HONEST_LINE + 1], *rest = copy;
	struct heard	 l = { "-", "", "", "" };

	memcpy(copy, line, len);
	copy[len] = '\0';
	if (copy[0] == '!') {
		l.kind = "err";
		l.text = copy;
	} else if (strchr(copy, '\t') != NULL) {
		l.id = strsep(&rest, "\t");
		l.kind = strsep(&rest, "\t");
		l.name = rest == NULL ? "" : strsep(&rest, "\t");
		l.text = rest == NULL ? "" : rest;
	}
	count(h, &l, line, len);
	if (strcmp(l.kind, "join") == 0 && strcmp(l.name, h->name) == 0)
		h->here = true;
	hears(arg, h, &l);
}

void
honest_move(struct honest *h, const struct watch *w, honest_hears *hears,
    void *arg)
{
	char	*line;
	size_t	 len;
	short	 got = watch_got(w, h->at);

	if (h->fd == -1 || got == 0)
		return;
	if (h->out_len > 0)
		push(h);
	if ((got & (POLLIN | POLLHUP | POLLERR)) == 0)
		return;
	if (line_in_fill(&h->in, h->fd) == -1 && errno != EAGAIN &&
	    errno != EINTR)
		line_in_break(&h->in);
	/* A line can make it disconnect. */
	while (h->fd != -1 && line_in_peek(&h->in, &line, &len) == LINE_OK) {
		line_in_consume(&h->in);
		hear(h, line, len, hears, arg);
	}
	if (h->in.eof)
		honest_go(h);
}

void
honest_go(struct honest *h)
{
	if (h->fd != -1)
		(void)close(h->fd);
	h->fd = -1;
}
