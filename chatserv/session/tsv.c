/* SPDX-License-Identifier: ISC */

/*
 * The dialect for programs: ID, kind, name and text between tabs, as
 * chatproto(7) has it.
 *
 * Records lie on the bus in this form, so relay.c only copies them; this file
 * words the answers, which only one client gets.
 *
 * Runs in a session.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/session/command.h"
#include "chatserv/session/setting.h"

static void
answer(struct session *s, const struct event *ev)
{
	char *dst = line_out_space(&s->out, event_size(ev));

	line_out_added(&s->out, event_tsv(dst, ev));
}

static void
line(struct session *s, enum event_kind kind, const char *name,
    const char *text)
{
	struct event ev = { 0, kind, name, strlen(name), text, strlen(text) };

	answer(s, &ev);
}

static void
count(struct session *s, uint32_t total)
{
	char digits[16];

	(void)snprintf(digits, sizeof(digits), "%u", total);
	line(s, EVENT_WHO, "", digits);
}

static void
welcome(struct session *s, const struct roster_row *row, uint32_t n,
    uint32_t total)
{
	char room[17], token[SETTING_TOKEN_SIZE];

	(void)row;
	(void)n;
	(void)snprintf(room, sizeof(room), "%016" PRIx64, s->bus->room);
	setting_show_token(s, token);
	line(s, EVENT_ROOM, "", room);
	line(s, EVENT_HELLO, s->name, token);
	count(s, total);
}

static void
who(struct session *s, const struct roster_row *row, uint32_t n,
    uint32_t total, bool first, bool last)
{
	uint32_t i;

	(void)first;
	for (i = 0; i < n; i++)
		line(s, EVENT_WHO, row[i].name, row[i].origin);
	if (last)
		count(s, total);
}

const struct dialect dialect_tsv = {
	.id = DIALECT_TSV,
	.line_max = LINE_TEXT_MAX,
	.line = command_line,
	.too_long = command_too_long,
	.answer = answer,
	.welcome = welcome,
	.who = who
};
