/* SPDX-License-Identifier: ISC */

/*
 * Joining the room, from the server's greeting to its hello.
 *
 * chatc sends nothing before the server's first line, so that no refusal is
 * lost to a reset.  A taken name is a refusal like others, unless the user
 * allows a number after it: then chatc asks the server who is here, which the
 * server also tells a client without a name.  It accepts five names at most.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "chatc/attempt.h"
#include "chatc/enter.h"
#include "chatc/place.h"
#include "chatc/receive.h"
#include "ipc/common/bsd.h"
#include "ipc/common/text.h"

#define NUMBERS		4	/* tries after the name itself */
#define NUMBER_DIGITS	4
#define UNKNOWN		"no such command"

/* Join, or speak from outside, where the server adds a * to the name. */
static void
send_name(struct link *l)
{
	if (l->outside && l->opt->name[0] != '\0')
		link_send(l, "!outside ", l->opt->name, strlen(l->opt->name));
	else if (l->outside)
		link_send(l, "!outside", "", 0);
	else
		link_send(l, l->name, "", 0);
}

/* The server has greeted: request the form, the place and the name. */
static void
introduce(struct link *l)
{
	char text[64];

	link_send(l, "!tsv", "", 0);
	if (place_ask(l)) {
		/* No request follows. */
	} else if (l->opt->since != -1) {
		place_ask_since(l, (uint64_t)l->opt->since, l->opt->room);
	} else if (l->opt->history >= 0) {
		(void)snprintf(text, sizeof(text), "%d", l->opt->history);
		link_send(l, "!last ", text, strlen(text));
	}
	if (l->token[0] != '\0')
		link_send(l, "!token ", l->token, strlen(l->token));
	send_name(l);
	l->phase = LINK_ENTER;
}

/* Whether text[0..len) refuses our name because another client has it. */
static bool
is_taken(const struct link *l, const char *text, size_t len)
{
	char begin[LINK_NAME_SIZE + 64];

	(void)snprintf(begin, sizeof(begin), "the name %s is taken",
	    l->name);
	return text_begins(text, len, begin);
}

/*
 * Whether text[0..len) refuses what we asked for, so that it is of no use to
 * ask again; other refusals are of the place or the time.
 */
static bool
is_for_good(const char *text, size_t len)
{
	return text_begins(text, len, "!") ||
	    text_begins(text, len, "the name ");
}

/* The number that makes name[0..len) of ours, or 0. */
static unsigned
number_of(const struct link *l, const char *name, size_t len)
{
	size_t		i, base = strlen(l->base);
	unsigned	n = 0;

	if (len <= base || strncasecmp(name, l->base, base) != 0)
		return 0;
	for (i = base; i < len && n < sizeof(l->used); i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		n = 10 * n + (unsigned)(name[i] - '0');
	}
	return i == len && n < sizeof(l->used) ? n : 0;
}

/* The name is taken: ask which numbers after it are, too. */
static void
ask_numbers(struct link *l)
{
	if (l->tries++ == 0) {
		(void)strlcpy(l->base, l->name, sizeof(l->base));
		l->base[text_cut(l->base, strlen(l->base), TEXT_NAME_MAX -
		    NUMBER_DIGITS)] = '\0';
	}
	memset(l->used, 0, sizeof(l->used));
	l->numbering = true;
	link_send(l, "!who", "", 0);
}

/*
 * Request the name with the next free number.  If many clients do so at once,
 * one of them gets it; so each later try skips more numbers.
 */
static void
ask_name(struct link *l)
{
	static const unsigned	spread[NUMBERS] = { 1, 20, 400, 2000 };
	unsigned		n, skip;

	skip = arc4random_uniform(spread[l->tries - 1]);
	for (n = 2; n < sizeof(l->used) - 1; n++)
		if (!l->used[n] && skip-- == 0)
			break;
	(void)snprintf(l->name, sizeof(l->name), "%s%u", l->base, n);
	l->numbering = false;
	link_send(l, l->name, "", 0);
}

/* One line of the list of names, or its end. */
static void
receive_number(struct link *l, const struct event *ev)
{
	if (ev->name_len > 0)
		l->used[number_of(l, ev->name, ev->name_len)] = true;
	else
		ask_name(l);
}

/*
 * The server refuses us, for good unless we have been in the room before; but
 * if the administrator keeps us out, for good in any case.
 */
static void
turned_away(struct link *l, const char *text, size_t len, int64_t now)
{
	char why[RECEIVE_EXCERPT_SIZE];

	(void)receive_excerpt(why, text, len);
	if (!l->entered && l->opt->numbered && l->tries < NUMBERS &&
	    is_taken(l, text, len)) {
		ask_numbers(l);
		return;
	}
	if (text_is(text, len, EVENT_DENIED) || (!l->entered &&
	    (!l->opt->reconnect || is_for_good(text, len)))) {
		attempt_fail(l, now, l->entered ? STATUS_LOST :
		    is_taken(l, text, len) ? STATUS_TAKEN : STATUS_REFUSED,
		    why);
		return;
	}
	if (l->away && !l->barred && !l->opt->raw)
		show_notice(l->show, "%s; trying again", why);
	l->barred = true;
	attempt_lost(l, now, why);
	if (!l->entered)
		l->status = STATUS_REFUSED;
}

/* Report it if our name differs from the one that was requested. */
static void
tell_name(struct link *l, const struct event *ev)
{
	const char *asked = l->opt->name;

	if (asked[0] == '\0' ? memchr(ev->name, '/', ev->name_len) == NULL :
	    strlen(asked) == ev->name_len && strncasecmp(asked, ev->name,
	    ev->name_len) == 0)
		return;
	show_notice(l->show, "the name %s is taken: in the room as %.*s",
	    asked[0] == '\0' ? "you log in by" : asked, (int)ev->name_len,
	    ev->name);
}

static void
welcome(struct link *l, const struct event *ev)
{
	place_enter(l);
	if (!l->entered && !l->outside)
		tell_name(l, ev);
	receive_keep(l->name, sizeof(l->name), ev->name, ev->name_len);
	receive_keep(l->token, sizeof(l->token), ev->text, ev->text_len);
	/* From outside we see nothing of the past, nor our own join. */
	l->phase = l->outside && !l->again ? LINK_LIVE : LINK_REPLAY;
	l->want_probe = l->again;
	if (l->outside && l->again)
		outbox_gap(&l->box);
	l->entered = true;
	l->failures = 0;
}

/* Whether s[0..len) begins as a chatserv's first line does. */
static bool
may_greet(const char *s, size_t len)
{
	if (len > 3)
		len = 3;
	return memcmp(s, "-- ", len) == 0 || memcmp(s, "!! ", len) == 0;
}

bool
enter_is_foreign(struct link *l, int64_t now)
{
	char		 why[RECEIVE_EXCERPT_SIZE + 160];
	char		 text[RECEIVE_EXCERPT_SIZE];
	const char	*bytes = l->in.buf + l->in.start, *lf;
	size_t		 len = l->in.end - l->in.start;

	/* A command may print something before it is connected. */
	if (l->opt->command != NULL || may_greet(bytes, len))
		return false;
	if ((lf = memchr(bytes, '\n', len)) != NULL)
		len = (size_t)(lf - bytes);
	if (len > 0 && bytes[len - 1] == '\r')
		len--;
	if (l->opt->path != NULL)
		(void)snprintf(why, sizeof(why), "%s is no chatserv: it says "
		    "\"%s\"", l->opt->path, receive_excerpt(text, bytes,
		    len < 60 ? len : 60));
	else
		(void)snprintf(why, sizeof(why), "%s port %s is no chatserv: "
		    "it says \"%s\"", l->opt->host, l->opt->port,
		    receive_excerpt(text, bytes, len < 60 ? len : 60));
	attempt_no_greeting(l, now, why);
	return true;
}

/* A greeting, an answer to a setting, a hello, or a refusal. */
void
enter_line(struct link *l, const char *line, size_t len, int64_t now)
{
	struct event	ev;
	bool		parsed;

	if (text_begins(line, len, "!! ")) {
		turned_away(l, line + 3, len - 3, now);
		return;
	}
	if (l->phase == LINK_GREET) {
		if (!may_greet(line, len) || len < 3)
			return;
		receive_keep(l->greeting, sizeof(l->greeting), line, len);
		introduce(l);
		return;
	}
	parsed = event_parse(&ev, line, len) == 0;
	if (!l->tsv) {
		l->tsv = parsed && ev.kind == EVENT_INFO &&
		    text_is(ev.text, ev.text_len, "tsv");
		return;
	}
	if (parsed && ev.kind == EVENT_BYE) {
		receive_dismissed(l, &ev, now);
	} else if (parsed && ev.kind == EVENT_ERR &&
	    text_is(ev.text, ev.text_len, "!since needs an ID") &&
	    l->place[0].room[0] != '\0') {
		place_forget_rooms(l);
		attempt_lost(l, now, "the server is older, and knows no rooms");
	} else if (parsed && ev.kind == EVENT_ERR && l->outside &&
	    text_begins(ev.text, ev.text_len, UNKNOWN)) {
		/* An older server: join instead. */
		l->outside = false;
		send_name(l);
	} else if (parsed && ev.kind == EVENT_ERR) {
		turned_away(l, ev.text, ev.text_len, now);
	} else if (parsed && ev.kind == EVENT_ROOM) {
		if (place_is_room(ev.text, ev.text_len))
			receive_keep(l->room, sizeof(l->room), ev.text,
			    ev.text_len);
		if (l->opt->raw)
			show_event(l->show, &ev, line, len);
	} else if (parsed && ev.kind == EVENT_WHO && l->numbering) {
		receive_number(l, &ev);
	} else if (parsed && ev.kind == EVENT_HELLO) {
		if (l->names != NULL && !l->entered && !l->opt->raw &&
		    strncmp(l->greeting, "-- ", 3) == 0)
			receive_show(l, l->greeting + 3,
			    strlen(l->greeting) - 3);
		welcome(l, &ev);
		if (l->names != NULL)
			names_learn(l->names, &ev);
		if (l->opt->raw || l->names != NULL)
			show_event(l->show, &ev, line, len);
	}
}
