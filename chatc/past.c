/* SPDX-License-Identifier: ISC */

/*
 * Earlier lines.
 *
 * They lie one after the other in a buffer of fixed size, the oldest first,
 * and are forgotten whole.  No line holds a LF, since each was typed as one
 * line.  The functions are pure and work on the caller's memory.
 */

#include <assert.h>
#include <string.h>

#include "chatc/past.h"

/* The length of the line at offset at, without its LF. */
static size_t
line_len(const struct past *p, size_t at)
{
	const char *lf = memchr(p->buf + at, '\n', p->len - at);

	assert(lf != NULL);
	return (size_t)(lf - (p->buf + at));
}

void
past_add(struct past *p, const char *line, size_t len)
{
	size_t drop;

	assert(len < sizeof(p->buf));
	while (p->len + len + 1 > sizeof(p->buf)) {
		drop = line_len(p, 0) + 1;
		memmove(p->buf, p->buf + drop, p->len - drop);
		p->len -= drop;
	}
	memcpy(p->buf + p->len, line, len);
	p->len += len;
	p->buf[p->len++] = '\n';
	p->at = p->len;
}

bool
past_up(struct past *p, const char **line, size_t *len)
{
	if (p->at == 0)
		return false;
	for (p->at--; p->at > 0 && p->buf[p->at - 1] != '\n'; )
		p->at--;
	*line = p->buf + p->at;
	*len = line_len(p, p->at);
	return true;
}

bool
past_down(struct past *p, const char **line, size_t *len)
{
	if (p->at == p->len)
		return false;
	p->at += line_len(p, p->at) + 1;
	*line = p->at == p->len ? NULL : p->buf + p->at;
	*len = p->at == p->len ? 0 : line_len(p, p->at);
	return true;
}
