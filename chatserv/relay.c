/*
 * Copyright (c) 2026 The chatserv authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * From the bus to the client.
 *
 * Everything new is copied at once and sent at once: what a wake-up and a
 * send cost is shared by all the records that they carry.  A session that
 * was too slow for the ring is told here how many it missed, before the
 * next record.
 */

#include <stdio.h>
#include <string.h>

#include "chatserv/relay.h"
#include "ipc/pace.h"

#define MUCH		((size_t)8 << 10)	/* for one who only listens */

/* Whether this client is to see rec, which begins at position. */
static bool
concerns(const struct session *s, const struct record *rec,
    uint64_t position)
{
	const struct bus *b = s->bus;

	/* When all leave, nobody need hear it of everyone. */
	if (rec->kind == EVENT_LEAVE && atomic_load(&b->page->stopping))
		return false;
	if (position < s->live) {
		/* History. */
		if (s->history == HISTORY_LAST && rec->kind != EVENT_MSG &&
		    rec->kind != EVENT_ME)
			return false;
		return rec->to == RECORD_TO_ALL;
	}
	return rec->to == RECORD_TO_ALL || rec->from == b->me ||
	    (rec->to == b->me && rec->to_generation ==
	    atomic_load_explicit(&b->slot[b->me].generation,
	    memory_order_relaxed));
}

static void
tell_lost(struct session *s, uint64_t missed)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%llu",
	    (unsigned long long)missed);
	session_answer(s, EVENT_LOST, digits);
	atomic_fetch_add(&s->bus->slot[s->bus->me].lost, missed);
}

bool
relay_wanted(const struct session *s)
{
	return s->phase >= PHASE_PRESENT && s->phase <= PHASE_PARTING &&
	    s->lost == NULL;
}

bool
relay_room(const struct session *s)
{
	return line_out_room(&s->out) >= 2 * SESSION_ANSWER_ROOM;
}

bool
relay_news(struct session *s)
{
	const struct record	*rec;
	uint64_t		 missed, n = 0;
	size_t			 at, len, room = line_out_room(&s->out);

	if (!relay_wanted(s) || !relay_room(s))
		return false;
	room -= SESSION_ANSWER_ROOM;
	len = ring_read(s->bus, &s->reader, s->scratch, room <
	    SESSION_SCRATCH ? room & ~(size_t)7 : SESSION_SCRATCH, &missed);
	s->stuck = len == 0 && ring_head(s->bus) > s->reader.cursor;
	if (len == 0)
		return false;
	if (atomic_load(&s->bus->page->closed)) {
		/* A new parent copies the page: what is here may be newer. */
		session_closed(s);
		return false;
	}
	if (len > MUCH)
		s->sprawling = true;
	if (missed > 0)
		tell_lost(s, missed);
	for (at = 0; at < len; at += rec->size) {
		rec = (const struct record *)(const void *)(s->scratch + at);
		if (!concerns(s, rec, s->reader.cursor - len + at))
			continue;
		s->dialect->event(&s->out, rec);
		n++;
	}
	atomic_fetch_add_explicit(&s->bus->slot[s->bus->me].messages_out, n,
	    memory_order_relaxed);
	pace_passed(s->bus, &s->reader);
	return true;
}
