/* SPDX-License-Identifier: ISC */

/*
 * The server's lines in the room, up to its goodbye; enter.c handles those
 * before.
 *
 * This file recognizes the echoes of our lines, and keeps what a line changes:
 * our name, our place in the stream, the messages that are counted, the names
 * that can be completed.  show.c shows the line.
 */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "chatc/attempt.h"
#include "chatc/receive.h"
#include "chatc/place.h"
#include "ipc/common/event.h"
#include "ipc/common/text.h"

#define NAMES_SHOWN	20

const char *
receive_excerpt(char dst[RECEIVE_EXCERPT_SIZE], const char *text, size_t len)
{
	len = text_cut(text, len, RECEIVE_EXCERPT_SIZE / 4 - 1);
	len = text_visible(dst, text, len);
	dst[len] = '\0';
	return dst;
}

/* Whether ev is from us; the name of a private message is "from>to". */
static bool
is_own(const struct link *l, const struct event *ev)
{
	size_t len = strlen(l->name);

	if (!text_begins(ev->name, ev->name_len, l->name))
		return false;
	return ev->name_len == len ||
	    (ev->kind == EVENT_PRIV && ev->name[len] == '>');
}

void
receive_keep(char *dst, size_t size, const char *s, size_t len)
{
	if (len < size) {
		memcpy(dst, s, len);
		dst[len] = '\0';
	}
}

/* The replay is over; what has no echo was not published. */
static void
go_live(struct link *l)
{
	l->phase = LINK_LIVE;
	if (l->away)
		show_notice(l->show, "connected again");
	l->away = l->barred = false;
}

static void
probe_answered(struct link *l)
{
	size_t n;

	l->probing = false;
	outbox_confirm(&l->box);
	if (l->phase != LINK_REPLAY)
		return;
	go_live(l);
	if ((n = outbox_doubtful(&l->box)) > 0)
		show_notice(l->show, "the server cannot tell whether %zu "
		    "line%s arrived: sent again", n, n == 1 ? "" : "s");
}

void
receive_dismissed(struct link *l, const struct event *ev, int64_t now)
{
	char text[RECEIVE_EXCERPT_SIZE], why[sizeof(text) + 64];

	(void)snprintf(why, sizeof(why), "the server ended the connection: %s",
	    receive_excerpt(text, ev->text, ev->text_len));
	/* The administrator has, and does not want us back at once. */
	if (text_is(ev->text, ev->text_len, "killed") ||
	    text_is(ev->text, ev->text_len, "denied"))
		attempt_fail(l, now, STATUS_LOST, why);
	else
		attempt_lost(l, now, why);
}

/* The last line: we have quit, or the server ends the connection. */
static void
goodbye(struct link *l, const struct event *ev, int64_t now)
{
	if (l->leaving && text_begins(ev->text, ev->text_len, "quit"))
		attempt_succeed(l, now);
	else if (text_is(ev->text, ev->text_len, "replaced"))
		attempt_fail(l, now, STATUS_LOST, "replaced by another "
		    "connection with this token");
	else
		receive_dismissed(l, ev, now);
}

/* Whether ev is from this client; ASCII letters in either case are the same. */
static bool
is_from(const struct event *ev, const char *name)
{
	size_t len = strlen(name);

	return ev->name_len >= len &&
	    strncasecmp(ev->name, name, len) == 0 &&
	    (ev->name_len == len || ev->name[len] == '>');
}

/* Whether ev, which is not an echo, is a message that counts. */
static bool
counts(const struct link *l, const struct event *ev)
{
	char text[CHATC_LINE_MAX + 1];

	if (ev->kind != EVENT_MSG && ev->kind != EVENT_ME &&
	    ev->kind != EVENT_PRIV)
		return false;
	if (l->opt->from != NULL && !is_from(ev, l->opt->from))
		return false;
	if (l->opt->pattern == NULL)
		return l->opt->count > 0;
	memcpy(text, ev->text, ev->text_len);
	text[ev->text_len] = '\0';
	return regexec(l->opt->pattern, text, 0, NULL, 0) == 0;
}

/* Something that happened in the room. */
static void
happened(struct link *l, const struct event *ev)
{
	l->place[0].last = ev->id;
	if (is_own(l, ev)) {
		if (ev->kind == EVENT_NAME)
			receive_keep(l->name, sizeof(l->name), ev->text,
			    ev->text_len);
		if (ev->kind == EVENT_JOIN && l->phase == LINK_REPLAY &&
		    !l->want_probe && !l->probing)
			go_live(l);
		if (outbox_echo(&l->box, ev))
			return;
	}
	if (counts(l, ev) && ++l->count >= l->opt->count)
		l->satisfied = true;
}

void
receive_show(struct link *l, const char *text, size_t len)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_INFO;
	ev.name = "";
	ev.text = text;
	ev.text_len = len;
	show_event(l->show, &ev, "", 0);
}

/* Who is here, by name, as the server lists them for clients without a name. */
static void
show_here(struct link *l)
{
	char	text[(NAMES_SHOWN + 2) * NAMES_SIZE];
	size_t	i, n, count = l->names->count;

	n = (size_t)snprintf(text, sizeof(text), "%zu here:", count);
	for (i = 0; i < count && i < NAMES_SHOWN; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " %s",
		    l->names->name[i]);
	if (i < count)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    " and %zu more", count - i);
	receive_show(l, text, n);
}

/* How many are here, told once after hello, and their names if we asked. */
static bool
who(struct link *l, const struct event *ev)
{
	if (!l->welcomed && ev->name_len == 0) {
		l->welcomed = true;
		/* Skip !who in rooms of 1000 or more. */
		l->learning = l->names != NULL && ev->text_len < 4;
		if (l->learning)
			link_send(l, "!who", "", 0);
		return l->opt->raw || (l->names != NULL && !l->learning);
	}
	if (!l->learning)
		return true;
	l->learning = ev->name_len != 0;
	if (!l->learning && l->names != NULL && !l->opt->raw)
		show_here(l);
	return false;
}

/* An answer to us alone.  False: do not show it. */
static bool
answered(struct link *l, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_ERR:
		if (l->probing && text_begins(ev->text, ev->text_len,
		    LINK_PROBE)) {
			probe_answered(l);
			return false;
		}
		l->refused = true;
		show_error(l->show, "%.*s", (int)ev->text_len, ev->text);
		return l->opt->raw && !l->opt->quiet;
	case EVENT_LOST:
		outbox_gap(&l->box);
		l->want_probe = true;
		if (l->opt->quiet)
			show_error(l->show, "%.*s messages lost",
			    (int)ev->text_len, ev->text);
		return !l->opt->quiet;
	case EVENT_WHO:
		return who(l, ev);
	case EVENT_BYE:
		return l->opt->raw || l->names != NULL;
	default:
		return true;
	}
}

void
receive_line(struct link *l, const char *line, size_t len, int64_t now)
{
	struct event	ev;
	bool		over = l->satisfied;

	if (event_parse(&ev, line, len) == -1)
		return;
	if (l->names != NULL)
		names_learn(l->names, &ev);
	if (ev.id != 0)
		happened(l, &ev);
	else if (!answered(l, &ev))
		over = true;
	if (!over)
		show_event(l->show, &ev, line, len);
	if (ev.kind == EVENT_BYE)
		goodbye(l, &ev, now);
}
