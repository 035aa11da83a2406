/* SPDX-License-Identifier: ISC */

/*
 * The dialect for programs: ID, kind, name and text between tabs, as
 * chatproto(7) has it.
 *
 * Records lie on the bus in this form, so relay.c only copies them; answers
 * to one client alone are made here.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/session/session.h"

static void
answer(struct line_out *out, const struct event *ev)
{
	char *dst = line_out_space(out, event_size(ev));

	line_out_added(out, event_tsv(dst, ev));
}

static void
line(struct line_out *out, enum event_kind kind, const char *name,
    const char *text)
{
	struct event ev = { 0, kind, name, strlen(name), text, strlen(text) };

	answer(out, &ev);
}

static void
count(struct line_out *out, uint32_t total)
{
	char digits[16];

	(void)snprintf(digits, sizeof(digits), "%u", total);
	line(out, EVENT_WHO, "", digits);
}

static void
welcome(struct line_out *out, const char *name, const char *token,
    uint64_t room, const struct roster_row *row, uint32_t n, uint32_t total)
{
	char digits[17];

	(void)row;
	(void)n;
	(void)snprintf(digits, sizeof(digits), "%016" PRIx64, room);
	line(out, EVENT_ROOM, "", digits);
	line(out, EVENT_HELLO, name, token);
	count(out, total);
}

static void
who(struct line_out *out, const struct roster_row *row, uint32_t n,
    uint32_t total, bool first, bool last)
{
	uint32_t i;

	(void)first;
	for (i = 0; i < n; i++)
		line(out, EVENT_WHO, row[i].name, row[i].origin);
	if (last)
		count(out, total);
}

const struct dialect dialect_tsv = { NULL, answer, welcome, who };
