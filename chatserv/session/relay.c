/* SPDX-License-Identifier: ISC */

/*
 * From the bus to the client.
 *
 * A record is a TSV line: a client that speaks TSV gets a copy, and another's
 * dialect rewords it.  The session puts everything new into its buffer at once
 * and sends it at once (flush() in run.c): all these records share the cost of
 * a wake-up and a send.  Before the next record, a client that was too slow for
 * the ring is told how many records it missed.
 *
 * Runs in a session.
 */

#include <stdio.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "chatserv/session/relay.h"
#include "ipc/bus/flow.h"

#define LAPPED_MS	60000	/* between two such lines of the log */
#define MUCH		((size_t)8 << 10)	/* for a silent client */

/* Whether this client receives rec, which begins at position. */
static bool
concerns(const struct session *s, const struct record *rec,
    uint64_t position)
{
	const struct bus *b = s->bus;

	if (s->outside)
		return rec->from == b->me && position >= s->live.cursor;
	/* When everyone leaves, no client needs each leave. */
	if (rec->kind == EVENT_LEAVE && atomic_load(&b->segment->stopping))
		return false;
	if (position < s->live.cursor) {
		/* History. */
		if (s->history == HISTORY_LAST && rec->kind != EVENT_MSG &&
		    rec->kind != EVENT_ME)
			return false;
		return rec->to == RECORD_TO_ALL;
	}
	/* Relaxed: the parent stored it before it forked this process. */
	return rec->to == RECORD_TO_ALL || rec->from == b->me ||
	    (rec->to == b->me && rec->to_generation ==
	    atomic_load_explicit(&b->slot[b->me].generation,
	    memory_order_relaxed));
}

/*
 * Tell the client that the records numbered [from, to) are lost, and add them
 * to missed.  !last shows what the ring still holds, so records missing from
 * that are no loss.
 */
static void
tell_lost(struct session *s, uint64_t from, uint64_t to, uint64_t *missed)
{
	char digits[24];

	if (s->history == HISTORY_LAST && from < s->live.seq)
		from = s->live.seq;
	if (from >= to)
		return;
	(void)snprintf(digits, sizeof(digits), "%llu",
	    (unsigned long long)(to - from));
	session_answer(s, EVENT_LOST, digits);
	*missed += to - from;
}

bool
relay_wanted(const struct session *s)
{
	return s->reader.cursor != BUS_NOT_READING;
}

bool
relay_has_space(const struct session *s)
{
	return line_out_left(&s->out) >= 2 * SESSION_ANSWER_SPACE;
}

static void
relay(struct session *s, const struct walk *w, const struct record *rec)
{
	char *text = line_out_space(&s->out, rec->size);

	if (s->dialect->event == NULL) {
		ring_text(s->bus, w, rec, text);
		line_out_added(&s->out, rec->text_len);
	} else if (rec->text_len > 0) {
		ring_text(s->bus, w, rec, s->scratch);
		s->dialect->event(s, rec, s->scratch);
	}
}

/* Whether the output of rec fits into the buffer. */
static bool
fits(const struct session *s, const struct record *rec)
{
	size_t most = s->dialect->event_most == NULL ? rec->size :
	    s->dialect->event_most(s, rec);

	return most + SESSION_ANSWER_SPACE <= line_out_left(&s->out);
}

/* Everything new that there is space for; false if some was overwritten. */
static bool
relay_all(struct session *s, uint64_t *relayed, uint64_t *missed)
{
	struct record	rec;
	struct walk	w;

	*relayed = *missed = 0;
	ring_walk(s->bus, &s->reader, &w);
	while (ring_peek(s->bus, &w, &rec) && fits(s, &rec)) {
		if (rec.seq > w.seq)
			tell_lost(s, w.seq, rec.seq, missed);
		if (concerns(s, &rec, w.at)) {
			relay(s, &w, &rec);
			++*relayed;
		}
		(void)ring_step(&w, &rec);
	}
	if (w.at >= s->reader.limit && w.seq < s->last_seq) {
		/* The last record before its leave was overwritten, too. */
		tell_lost(s, w.seq, s->last_seq, missed);
		w.seq = s->last_seq;
	}
	return ring_walked(s->bus, &s->reader, &w);
}

/* Log it, but not each time: a session that is lapped once is lapped often. */
static void
log_lapped(struct session *s)
{
	uint64_t now = bus_now();

	if (now < s->lapped_at)
		return;
	s->lapped_at = now + LAPPED_MS;
	log_info("%s pid %d: %s lapped, lost %llu events", s->peer->name,
	    (int)s->bus->pid, s->name, (unsigned long long)
	    atomic_load(&s->bus->slot[s->bus->me].lost));
}

bool
relay_news(struct session *s)
{
	struct slot	*slot = &s->bus->slot[s->bus->me];
	uint64_t	 from = s->reader.cursor, relayed, missed;
	size_t		 before = line_out_pending(&s->out);
	unsigned int	 failed = 0;

	if (!relay_wanted(s) || !relay_has_space(s))
		return false;
	while (!relay_all(s, &relayed, &missed)) {
		line_out_cut(&s->out, before);
		if (!ring_skip(s->bus, &s->reader, ++failed))
			return true;	/* after a look at the rest */
	}
	s->out_full = s->reader.cursor == from &&
	    ring_head(s->bus) > s->reader.cursor;
	if (s->reader.cursor == from)
		return false;
	/*
	 * A parent that copies the segment closes it, makes a fence and loads
	 * head.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&s->bus->segment->closed)) {
		/*
		 * A new parent copies the segment: this may not be in the
		 * copy.
		 */
		line_out_cut(&s->out, before);
		session_closed(s);
		return false;
	}
	if (line_out_pending(&s->out) > MUCH)
		s->untrimmed = true;
	atomic_fetch_add(&slot->lost, missed);
	/* A client cannot lose what was gone before it connected. */
	if (missed > 0 && from >= s->live.cursor)
		log_lapped(s);
	/* Relaxed: people read it, and it orders nothing. */
	atomic_fetch_add_explicit(&slot->messages_out, relayed,
	    memory_order_relaxed);
	atomic_store(&slot->held_back, line_out_pending(&s->out));
	flow_passed(s->bus, &s->reader);
	return true;
}
