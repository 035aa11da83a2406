/* SPDX-License-Identifier: ISC */

/*
 * What the server says, from its greeting to its goodbye.
 *
 * Nothing is said to it before its first line, so that a refusal is never
 * lost to a reset.  In the room it is heard whether a line is the echo of
 * one of ours, and what it changes: our name, our place in the stream, the
 * messages that are counted, the names that can be completed.  What is to
 * be seen goes on to show.c.
 */

#include <stdio.h>
#include <string.h>

#include "chatc/receive.h"
#include "chatc/place.h"
#include "ipc/common/event.h"
#include "ipc/common/text.h"

#define EXCERPT_SIZE	400
#define NAMES_SHOWN	20

/* The server has greeted: ask for the form, the place and the name. */
static void
introduce(struct link *l)
{
	char text[64];

	link_send(l, "!tsv", "", 0);
	if (place_ask(l)) {
		/* That is all. */
	} else if (l->opt->since != -1) {
		place_ask_since(l, (uint64_t)l->opt->since, l->opt->room);
	} else if (l->opt->history >= 0) {
		(void)snprintf(text, sizeof(text), "%d", l->opt->history);
		link_send(l, "!last ", text, strlen(text));
	}
	if (l->token[0] != '\0')
		link_send(l, "!token ", l->token, strlen(l->token));
	link_send(l, l->name, "", 0);
	l->phase = PHASE_ENTER;
}

/* The beginning of a text as a string that is harmless on a terminal. */
static const char *
excerpt(char dst[EXCERPT_SIZE], const char *text, size_t len)
{
	len = text_cut(text, len, EXCERPT_SIZE / 4 - 1);
	len = text_visible(dst, text, len);
	dst[len] = '\0';
	return dst;
}

/* Whether text[0..len) refuses our name because another has it. */
static bool
is_taken(const struct link *l, const char *text, size_t len)
{
	char	begin[LINK_NAME_SIZE + 64];
	size_t	n;

	n = (size_t)snprintf(begin, sizeof(begin), "the name %s is taken",
	    l->name);
	return len >= n && memcmp(text, begin, n) == 0;
}

/* The server will not have us: final, unless we have been in before. */
static void
turned_away(struct link *l, const char *text, size_t len, int64_t now)
{
	char why[EXCERPT_SIZE];

	(void)excerpt(why, text, len);
	if (!l->entered && (l->phase != PHASE_GREET || !l->opt->reconnect)) {
		link_fail(l, now, is_taken(l, text, len) ? STATUS_TAKEN :
		    STATUS_REFUSED, why);
		return;
	}
	if (l->away && !l->barred && !l->opt->raw)
		show_notice(l->show, "%s; trying again", why);
	l->barred = true;
	link_lost(l, now, why);
}

static bool
is_text(const struct event *ev, const char *text)
{
	return ev->text_len == strlen(text) &&
	    memcmp(ev->text, text, ev->text_len) == 0;
}

/* Whether ev is from us; a private message's name is "from>to". */
static bool
is_own(const struct link *l, const struct event *ev)
{
	size_t len = strlen(l->name);

	if (ev->name_len < len || memcmp(ev->name, l->name, len) != 0)
		return false;
	return ev->name_len == len ||
	    (ev->kind == EVENT_PRIV && ev->name[len] == '>');
}

static void
keep_string(char *dst, size_t size, const char *s, size_t len)
{
	if (len < size) {
		memcpy(dst, s, len);
		dst[len] = '\0';
	}
}

static void
welcome(struct link *l, const struct event *ev)
{
	place_enter(l);
	keep_string(l->name, sizeof(l->name), ev->name, ev->name_len);
	keep_string(l->token, sizeof(l->token), ev->text, ev->text_len);
	l->phase = PHASE_REPLAY;
	l->want_probe = l->again;
	l->entered = true;
	l->failures = 0;
}

/* All that was missed has been seen; what has no echo was not published. */
static void
go_live(struct link *l)
{
	l->phase = PHASE_LIVE;
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
	if (l->phase != PHASE_REPLAY)
		return;
	go_live(l);
	if ((n = outbox_doubtful(&l->box)) > 0)
		show_notice(l->show, "the server cannot tell whether %zu "
		    "line%s arrived: sent again", n, n == 1 ? "" : "s");
}

/* The server ends the connection, and it was not our wish. */
static void
dismissed(struct link *l, const struct event *ev, int64_t now)
{
	char why[EXCERPT_SIZE + 64], text[EXCERPT_SIZE];

	(void)snprintf(why, sizeof(why), "the server ended the connection: "
	    "%s", excerpt(text, ev->text, ev->text_len));
	link_lost(l, now, why);
}

/* The last line: as we wished, or the server's own wish. */
static void
goodbye(struct link *l, const struct event *ev, int64_t now)
{
	if (l->leaving && ev->text_len >= 4 &&
	    memcmp(ev->text, "quit", 4) == 0) {
		link_succeed(l, now);
		return;
	}
	if (is_text(ev, "replaced")) {
		link_fail(l, now, STATUS_LOST, "replaced by another "
		    "connection with this token");
		return;
	}
	dismissed(l, ev, now);
}

/* Whether ev, which is not an echo, is one of the messages asked for. */
static bool
counts(const struct link *l, const struct event *ev)
{
	char text[LINK_LINE_MAX + 1];

	if (ev->kind != EVENT_MSG && ev->kind != EVENT_ME &&
	    ev->kind != EVENT_PRIV)
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
			keep_string(l->name, sizeof(l->name), ev->text,
			    ev->text_len);
		if (ev->kind == EVENT_JOIN && l->phase == PHASE_REPLAY &&
		    !l->want_probe && !l->probing)
			go_live(l);
		if (outbox_echo(&l->box, ev))
			return;
	}
	if (counts(l, ev) && ++l->count >= l->opt->count)
		l->satisfied = true;
}

/* A notice of the server's in our own words, to where events are shown. */
static void
show_info(struct link *l, const char *text, size_t len)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_INFO;
	ev.name = "";
	ev.text = text;
	ev.text_len = len;
	show_event(l->show, &ev, "", 0);
}

/* Who is here, by name, as the server tells those who have no client. */
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
	show_info(l, text, n);
}

/* Who is here: counted once after hello, and named if we asked. */
static bool
who(struct link *l, const struct event *ev)
{
	if (!l->welcomed && ev->name_len == 0) {
		l->welcomed = true;
		/* Who comes to a crowd does not call the roll. */
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

/* An answer to us alone.  False: it is not to be shown. */
static bool
answered(struct link *l, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_ERR:
		if (l->probing && ev->text_len > strlen(LINK_PROBE) &&
		    memcmp(ev->text, LINK_PROBE, strlen(LINK_PROBE)) == 0) {
			probe_answered(l);
			return false;
		}
		l->refused = true;
		show_error(l->show, "%.*s", (int)ev->text_len, ev->text);
		return l->opt->raw;
	case EVENT_LOST:
		outbox_gap(&l->box);
		l->want_probe = true;
		return true;
	case EVENT_WHO:
		return who(l, ev);
	case EVENT_BYE:
		return l->opt->raw || l->names != NULL;
	default:
		return true;
	}
}

/* A line before we are in: greeting, settings' answers, hello or refusal. */
static void
at_the_door(struct link *l, const char *line, size_t len, int64_t now)
{
	struct event	ev;
	bool		parsed;

	if (len >= 3 && memcmp(line, "!! ", 3) == 0) {
		turned_away(l, line + 3, len - 3, now);
		return;
	}
	if (l->phase == PHASE_GREET) {
		keep_string(l->greeting, sizeof(l->greeting), line, len);
		introduce(l);
		return;
	}
	parsed = event_parse(&ev, line, len) == 0;
	if (!l->tsv) {
		l->tsv = parsed && ev.kind == EVENT_INFO && is_text(&ev, "tsv");
		return;
	}
	if (parsed && ev.kind == EVENT_BYE) {
		dismissed(l, &ev, now);
	} else if (parsed && ev.kind == EVENT_ERR && is_text(&ev,
	    "!since needs an ID") && l->place[0].room[0] != '\0') {
		place_forget_rooms(l);
		link_lost(l, now, "the server is older, and knows no rooms");
	} else if (parsed && ev.kind == EVENT_ERR) {
		turned_away(l, ev.text, ev.text_len, now);
	} else if (parsed && ev.kind == EVENT_ROOM) {
		if (place_is_room(ev.text, ev.text_len))
			keep_string(l->room, sizeof(l->room), ev.text,
			    ev.text_len);
		if (l->opt->raw)
			show_event(l->show, &ev, line, len);
	} else if (parsed && ev.kind == EVENT_HELLO) {
		if (l->names != NULL && !l->entered && !l->opt->raw &&
		    strncmp(l->greeting, "-- ", 3) == 0)
			show_info(l, l->greeting + 3, strlen(l->greeting) - 3);
		welcome(l, &ev);
		if (l->names != NULL)
			names_learn(l->names, &ev);
		if (l->opt->raw || l->names != NULL)
			show_event(l->show, &ev, line, len);
	}
}

static void
in_the_room(struct link *l, const char *line, size_t len, int64_t now)
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

void
hear_line(struct link *l, const char *line, size_t len, int64_t now)
{
	if (l->phase <= PHASE_ENTER)
		at_the_door(l, line, len, now);
	else
		in_the_room(l, line, len, now);
}
