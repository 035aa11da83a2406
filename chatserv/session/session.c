/* SPDX-License-Identifier: ISC */

/*
 * What the other files of a session do to it: answer the client, submit what
 * it says, and list who is here.
 *
 * An answer waits until everything that was published before the question has
 * been relayed, so that the client reads answers and events in the order in
 * which things happened.  A client's message is only added to a batch here;
 * run.c publishes that.
 *
 * Runs in a session.
 */

#include <string.h>

#include "chatserv/session/session.h"
#include "ipc/common/bsd.h"

void
session_speak(struct session *s, const struct dialect *dialect)
{
	s->dialect = dialect;
	/* A trusted peer's lines may be longer than any dialect's. */
	if (s->in.max < dialect->line_max)
		s->in.max = dialect->line_max;
	/* Relaxed: people read it, and it orders nothing. */
	atomic_store_explicit(&s->bus->slot[s->bus->me].dialect, dialect->id,
	    memory_order_relaxed);
}

void
session_answer(struct session *s, enum event_kind kind, const char *text)
{
	struct event ev = { 0, kind, "", 0, text, strlen(text) };

	if (kind == EVENT_BYE) {
		ev.name = s->name;
		ev.name_len = strlen(s->name);
	}
	s->dialect->answer(s, &ev);
}

bool
session_may_answer(struct session *s)
{
	if (s->phase == PHASE_PRESENT) {
		if (s->batch.used > 0)
			return false;
		if (s->answer_after == 0)
			s->answer_after = ring_head(s->bus);
		if (s->reader.cursor < s->answer_after)
			return false;
	}
	if (line_out_left(&s->out) < SESSION_ANSWER_SPACE)
		return false;
	s->answer_after = 0;
	return true;
}

static bool
compose(struct session *s, const struct event *ev, uint16_t to,
    uint32_t to_generation)
{
	if (!ring_compose(&s->batch, ev, s->bus->me, to, to_generation))
		return false;
	/* Relaxed: people read it, and it orders nothing. */
	atomic_fetch_add_explicit(&s->bus->slot[s->bus->me].messages_in, 1,
	    memory_order_relaxed);
	return true;
}

bool
session_submit(struct session *s, enum event_kind kind, const char *name,
    const char *text, size_t len, uint16_t to, uint32_t to_generation)
{
	struct event	ev = { 0, kind, name, strlen(name), s->scratch, 0 };

	if (s->batch.size - s->batch.used < RECORD_MAX)
		return false;
	ev.text_len = text_visible(s->scratch, text, len);
	return compose(s, &ev, to, to_generation);
}

bool
session_submit_visible(struct session *s, enum event_kind kind,
    const char *name, const char *text, size_t len)
{
	struct event	ev = { 0, kind, name, strlen(name), text, len };

	return s->batch.size - s->batch.used >= RECORD_MAX &&
	    compose(s, &ev, RECORD_TO_ALL, 0);
}

void
session_list(struct session *s)
{
	s->listing = true;
	s->list_next = 0;
	s->list_total = roster_count(s->bus);
}

bool
session_list_more(struct session *s)
{
	struct roster_row	row[SESSION_ROWS];
	uint32_t		n;
	bool			first = s->list_next == 0;

	if (line_out_left(&s->out) < 2 * SESSION_ANSWER_SPACE)
		return false;
	n = roster_list(s->bus, &s->list_next, row, SESSION_ROWS);
	s->listing = n == SESSION_ROWS;
	s->dialect->who(s, row, n, s->list_total, first, !s->listing);
	return true;
}

void
session_named(struct session *s, const char *name)
{
	(void)strlcpy(s->name, name, sizeof(s->name));
	setproctitle("%s %s", s->name, s->peer->name);
}
