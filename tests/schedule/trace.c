/* SPDX-License-Identifier: ISC */

/*
 * A schedule for people.
 *
 * Events are recorded only when a schedule is shown, which means running it
 * again.
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/process.h"
#include "tests/schedule/schedule.h"
#include "tests/schedule/trace.h"

#define EVENTS	65536

static struct event {
	const struct site *site;
	int		 who;		/* -1: the clock */
	char		 name[24];
	char		 text[88];
} *event;
static int	 events;

bool		 trace_on;

void
trace_begin(bool on)
{
	if (event == NULL && (event = calloc(EVENTS, sizeof(*event))) == NULL)
		on = false;
	trace_on = on;
	events = 0;
}

void
trace_add(const struct site *site, const char *fmt, ...)
{
	struct event	*e;
	va_list		 ap;

	if (!trace_on || events == EVENTS)
		return;
	e = &event[events++];
	e->site = site;
	e->who = process_now == NULL ? -1 : process_now->number;
	(void)snprintf(e->name, sizeof(e->name), "%s",
	    process_now == NULL ? "" : process_now->name);
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
}

void
trace_clock(uint64_t ns)
{
	if (!trace_on)
		return;
	trace_add(NULL, "the clock goes to %llu ms",
	    (unsigned long long)(ns / SCHEDULE_MS));
	if (events > 0)
		event[events - 1].who = -1;
}

const char *
trace_file(const char *file)
{
	static const char *const top[] = { "tests/", "ipc/", "chatserv/" };
	const char	*slash = NULL;
	size_t		 i;

	for (i = 0; slash == NULL && i < sizeof(top) / sizeof(top[0]); i++)
		slash = strstr(file, top[i]);
	return slash == NULL ? file : slash;
}

static void
show_where(char *to, size_t size, const struct event *e)
{
	*to = '\0';
	if (e->site != NULL)
		(void)snprintf(to, size, "%s:%d", trace_file(e->site->file),
		    e->site->line);
}

/* Repetitions of one event are one line. */
static bool
is_same(const struct event *a, const struct event *b)
{
	return a->site != NULL && a->site == b->site && a->who == b->who &&
	    strcmp(a->text, b->text) == 0;
}

void
trace_table(FILE *to)
{
	const struct event	*e, *first = event;
	char			 where[48];

	(void)fprintf(to, "%5s  %-16s %-26s %-26s %s\n", "step", "process",
	    "where", "object", "what");
	for (e = event; e < event + events; e++) {
		if (e + 1 < event + events && is_same(first, e + 1))
			continue;
		show_where(where, sizeof(where), e);
		(void)fprintf(to, "%5d  %-16s %-26s %-26s %s",
		    (int)(first - event) + 1, e->who == -1 ? "-" : e->name,
		    where, e->site == NULL ? "" : e->site->what, e->text);
		if (e > first)
			(void)fprintf(to, " (%d times)", (int)(e - first) + 1);
		(void)fprintf(to, "\n");
		first = e + 1;
	}
}

/*
 * The participants, then a line for each event that others could notice: a
 * note at its process, since stores have no receiver of their own.
 */
void
trace_mermaid(FILE *to)
{
	const struct event	*e;
	bool			 known[PROCESSES] = { false };

	(void)fprintf(to, "sequenceDiagram\n");
	for (e = event; e < event + events; e++) {
		if (e->who == -1 || known[e->who])
			continue;
		known[e->who] = true;
		(void)fprintf(to, "    participant P%d as %s\n", e->who,
		    e->name);
	}
	for (e = event; e < event + events; e++) {
		if (e->who == -1)
			(void)fprintf(to, "    Note over P0: %s\n", e->text);
		else if (e->site == NULL)
			(void)fprintf(to, "    Note over P%d: %s\n", e->who,
			    e->text);
		else
			(void)fprintf(to, "    P%d->>P%d: %s %s (%s#58;%d)\n",
			    e->who, e->who, e->site->what, e->text,
			    trace_file(e->site->file), e->site->line);
	}
}
