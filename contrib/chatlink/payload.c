/* SPDX-License-Identifier: ISC */

/*
 * Payloads: the messages between links, through the engine.
 *
 * Runs in the link's children, out and in.
 */

#include <stdio.h>
#include <string.h>

#include "contrib/chatlink/link.h"
#include "contrib/chatlink/payload.h"
#include "ipc/common/bsd.h"

bool
payload_is_identity(const char *text, size_t len)
{
	static const char	digits[] = "0123456789abcdef";
	size_t			i;

	if (len != PAYLOAD_IDENTITY)
		return false;
	for (i = 0; i < len; i++)
		if (text[i] == '\0' || strchr(digits, text[i]) == NULL)
			return false;
	return true;
}

void
payload_set_identity(char identity[PAYLOAD_IDENTITY + 1], const char *text)
{
	memcpy(identity, text, PAYLOAD_IDENTITY);
	identity[PAYLOAD_IDENTITY] = '\0';
}

/* The next line; false if there is none, or it has no end. */
static bool
next_line(struct payload *p, const char **line, size_t *len)
{
	const char *lf = memchr(p->at, '\n', (size_t)(p->end - p->at));

	if (lf == NULL)
		return false;
	*line = p->at;
	*len = (size_t)(lf - p->at);
	p->at = lf + 1;
	return true;
}

bool
payload_open(struct payload *p, const char *data, size_t len)
{
	struct event	 ev;
	const char	*line;
	size_t		 n;

	p->at = data;
	p->end = data + len;
	if (len == 0 || !next_line(p, &line, &n) ||
	    event_parse(&ev, line, n) == -1 || ev.kind != EVENT_ROOM ||
	    !payload_is_identity(ev.text, ev.text_len))
		return false;
	p->last = ev.id;
	payload_set_identity(p->identity, ev.text);
	return true;
}

bool
payload_next(struct payload *p, struct event *ev)
{
	const char	*line;
	size_t		 len;

	while (next_line(p, &line, &len)) {
		if (event_parse(ev, line, len) == -1)
			continue;
		if (ev->kind == EVENT_LOST || (ev->id != 0 &&
		    (ev->kind == EVENT_MSG || ev->kind == EVENT_ME)))
			return true;
	}
	return false;
}

size_t
payload_head(char *dst, uint64_t last, const char *identity)
{
	struct event ev = { .id = last, .kind = EVENT_ROOM, .name = "",
	    .text = identity, .text_len = PAYLOAD_IDENTITY };

	return event_tsv(dst, &ev);
}

uint64_t
payload_lost(const struct event *ev)
{
	char		 digits[24];
	const char	*error;
	long long	 n;

	if (ev->kind != EVENT_LOST || ev->text_len >= sizeof(digits))
		return 0;
	memcpy(digits, ev->text, ev->text_len);
	digits[ev->text_len] = '\0';
	n = strtonum(digits, 1, INT64_MAX, &error);
	return error != NULL ? 0 : (uint64_t)n;
}

static bool
is_named(const struct event *ev, const char *name)
{
	return ev->name_len == strlen(name) &&
	    memcmp(ev->name, name, ev->name_len) == 0;
}

bool
payload_is_of_link(const struct event *ev)
{
	return is_named(ev, LINK_NAME) || is_named(ev, LINK_EAR);
}

bool
payload_is_ours(const struct event *ev)
{
	if (ev->kind == EVENT_LOST)
		return payload_lost(ev) > 0;
	return (ev->kind == EVENT_MSG || ev->kind == EVENT_ME) &&
	    ev->id != 0 && !text_is_remote(ev->name, ev->name_len) &&
	    !payload_is_of_link(ev);
}

size_t
payload_speaker(char *dst, const struct event *ev, const char *host)
{
	const char	*star = memchr(ev->name, '*', ev->name_len);
	size_t		 n = ev->name_len, more = 1 + strlen(host);

	/* Cut the login of an outside speaker if it is too long. */
	if (n + more > TEXT_SPEAKER_MAX && star != NULL)
		n = (size_t)(star - ev->name) + 1;
	if (n + more > TEXT_SPEAKER_MAX)
		return 0;
	memcpy(dst, ev->name, n);
	dst[n] = '/';
	memcpy(dst + n + 1, host, more);
	return text_is_remote(dst, n + more) ? n + more : 0;
}

size_t
payload_text(char *dst, size_t max, const struct event *ev)
{
	size_t n = text_cut(ev->text, ev->text_len, max);

	/* This is idempotent: what is visible stays as it is. */
	n = text_visible(dst, ev->text, n);
	return n <= max ? n : text_cut(dst, n, max);
}
