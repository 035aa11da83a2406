/* SPDX-License-Identifier: ISC */

/*
 * The dialect for people with nc(1) or telnet(1).
 *
 * The first characters of a line say what it is: only the server begins a
 * line, so no text can forge another client's.  A list that does not fit into
 * one line becomes several.
 *
 * Runs in a session.
 */

#include <stdio.h>
#include <string.h>

#include "chatserv/session/command.h"
#include "ipc/common/bsd.h"

#define NAMES_SIZE	(64 + SESSION_ROWS * (TEXT_NAME_MAX + 1))

static void
strip(struct session *s)
{
	telnet_strip(&s->telnet, &s->in);
	telnet_answer(&s->telnet, &s->out);
}

static void
answer(struct session *s, const struct event *ev)
{
	char *dst = line_out_space(&s->out, event_size(ev));

	line_out_added(&s->out, event_plain(dst, ev));
}

static void
event(struct session *s, const struct record *rec, const char *text)
{
	struct event ev;

	if (event_parse(&ev, text, rec->text_len - 1U) == 0)
		answer(s, &ev);
}

static void
notice(struct session *s, const char *text)
{
	struct event ev = { 0, EVENT_INFO, "", 0, text, strlen(text) };

	answer(s, &ev);
}

/* Add " name name ..." to text. */
static void
add_names(char *text, const struct roster_row *row, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		(void)strlcat(text, " ", NAMES_SIZE);
		(void)strlcat(text, row[i].name, NAMES_SIZE);
	}
}

static void
welcome(struct session *s, const struct roster_row *row, uint32_t n,
    uint32_t total)
{
	char text[NAMES_SIZE], more[32];

	if (s->outside) {
		(void)snprintf(text, sizeof(text), "you speak from outside as "
		    "%s: each line is said, and you hear nothing else",
		    s->name);
		notice(s, text);
		return;
	}
	(void)snprintf(text, sizeof(text), "welcome %s, %u here:", s->name,
	    total);
	add_names(text, row, n);
	if (total > n) {
		(void)snprintf(more, sizeof(more), " and %u more", total - n);
		(void)strlcat(text, more, sizeof(text));
	}
	notice(s, text);
}

static void
who(struct session *s, const struct roster_row *row, uint32_t n,
    uint32_t total, bool first, bool last)
{
	char text[NAMES_SIZE];

	(void)last;
	if (first)
		(void)snprintf(text, sizeof(text), "%u here%s", total,
		    n > 0 ? ":" : "");
	else if (n > 0)
		(void)strlcpy(text, "also here:", sizeof(text));
	else
		return;
	add_names(text, row, n);
	notice(s, text);
}

const struct dialect dialect_plain = {
	.id = DIALECT_PLAIN,
	.line_max = LINE_TEXT_MAX,
	.strip = strip,
	.line = command_line,
	.too_long = command_too_long,
	.event = event,
	.answer = answer,
	.welcome = welcome,
	.who = who
};
