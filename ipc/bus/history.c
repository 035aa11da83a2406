/* SPDX-License-Identifier: ISC */

/*
 * The history: finding where to begin to read, and copying it to a new
 * segment.
 *
 * A search walks back from head, where the foot of each record tells where
 * it begins, or looks an ID up in the index of marks.  The index reaches
 * further back than the ring, so that the server can tell a client that
 * resumes after an overwritten record exactly how many it missed.  Neither
 * search acquires the lock: the reader notices what was overwritten meanwhile,
 * as always.
 *
 * The searches run in sessions, history_copy() in a parent that starts.
 */

#include <string.h>

#include "ipc/bus/history.h"
#include "ipc/common/text.h"

/* Larger numbers are forged: no room publishes so many records. */
#define SEQ_END		(UINT64_C(1) << 62)
#define ID_END		UINT64_C(5000000000000000)	/* in 2128 */
#define SEEK_TRIES	8	/* no writer of ours is that fast so often */

/*
 * How many marks may be overwritten during a search: those of one batch, and
 * of another that is not committed yet.
 */
static uint64_t
spare_marks(const struct bus *b)
{
	return 2 * (ring_batch_max(b) / RECORD_MIN);
}

/* Move r back by n records of those kinds before its cursor. */
static void
go_back(const struct bus *b, struct reader *r, uint64_t n,
    unsigned int kinds)
{
	struct record	rec;
	uint64_t	begin, end;

	for (end = r->cursor; n > 0; end = begin) {
		if (!ring_before(b, end, &rec, &begin))
			break;
		if (kinds & (1U << (rec.kind & 31U))) {
			n--;
			r->cursor = begin;
			r->seq = rec.seq;
		}
	}
}

void
history_seek_last(const struct bus *b, struct reader *r, uint64_t n,
    unsigned int kinds)
{
	ring_seek_head(b, r);
	go_back(b, r, n, kinds);
}

/*
 * The first of the n numbers, beginning with `from`, whose record has a higher
 * ID than id; from + n if there is none.  IDs grow with the numbers.
 */
static uint64_t
first_after(const struct bus *b, uint64_t from, uint64_t n, uint64_t id)
{
	uint64_t half;

	while (n > 0) {
		half = n / 2;
		if (atomic_load(&b->index[(from + half) &
		    (b->marks - 1)].id) <= id) {
			from += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return from;
}

void
history_seek_id(const struct bus *b, struct reader *r, uint64_t id)
{
	uint64_t	first, known, n, wanted, position;
	int		tries = 0;

	known = b->marks - spare_marks(b);
	do {
		ring_seek_head(b, r);
		first = atomic_load(&b->segment->first_seq);
		n = r->seq > first ? r->seq - first : 0;
		if (n > known)
			n = known;
		wanted = first_after(b, r->seq - n, n, id);
		position = atomic_load(
		    &b->index[wanted & (b->marks - 1)].position);
	} while (ring_head(b) - r->cursor > ring_batch_max(b) &&
	    ++tries < SEEK_TRIES);
	if (wanted >= r->seq)
		return;
	/* If that is overwritten, the oldest record shows the gap. */
	r->seq = wanted;
	r->cursor = position;
	if (position < ring_oldest(b))
		r->cursor = ring_oldest(b);
}

void
history_seek_before(const struct bus *b, struct reader *r, uint64_t id,
    uint64_t n, unsigned int kinds)
{
	history_seek_id(b, r, id);
	r->limit = r->cursor;
	go_back(b, r, n, kinds);
}

/* Whether s[0..len) is text that has been made visible. */
static bool
visible(const char *s, size_t len)
{
	static char scratch[4 * RECORD_MAX];

	return text_visible(scratch, s, len) == len;
}

/* Whether ev has a valid name, or, if private, two. */
static bool
named(const struct event *ev)
{
	const char	*to = memchr(ev->name, '>', ev->name_len);
	size_t		 n = ev->name_len;

	if (ev->kind == EVENT_PRIV) {
		if (to == NULL)
			return false;
		n = (size_t)(to - ev->name);
		if (text_name_error(to + 1, ev->name_len - n - 1) != NULL)
			return false;
	}
	return text_name_error(ev->name, n) == NULL ||
	    text_is_remote(ev->name, n) || text_is_outside(ev->name, n);
}

/*
 * Whether rec, of an old segment, is what ring_append() writes.  A session
 * that was taken over may have forged it, and everyone would see it.
 */
static bool
genuine(const struct record *rec)
{
	struct event	ev;
	uint64_t	foot;

	memcpy(&foot, (const char *)rec + rec->size - RECORD_FOOT,
	    RECORD_FOOT);
	return foot == rec->size && rec->text_len > EVENT_ID_DIGITS &&
	    rec->text[rec->text_len - 1] == '\n' &&
	    rec->text[EVENT_ID_DIGITS] == '\t' &&
	    event_parse(&ev, rec->text, rec->text_len - 1U) == 0 &&
	    ev.id == rec->id && ev.id > 0 && ev.id < ID_END &&
	    rec->seq > 0 && rec->seq < SEQ_END &&
	    ev.kind == rec->kind && ev.kind <= EVENT_NAME &&
	    (ev.kind == EVENT_PRIV) == (rec->to != RECORD_TO_ALL) &&
	    named(&ev) && visible(ev.text, ev.text_len);
}

/*
 * Copy the IDs of the overwritten records before the one numbered seq, for
 * clients that resume: as far back as both indexes reach and IDs grow.
 */
static void
copy_marks(struct bus *b, const struct bus *old, uint64_t next,
    uint64_t seq, uint64_t id)
{
	const struct bus *small = old->marks < b->marks ? old : b;
	uint64_t	  before, first, marks;

	first = atomic_load(&old->segment->first_seq);
	marks = small->marks - spare_marks(small);
	if (next > marks && next - marks > first)
		first = next - marks;
	for (; seq > first && seq > 1; seq--, id = before) {
		before = atomic_load(&old->index[(seq - 1) &
		    (old->marks - 1)].id);
		if (before == 0 || before >= id)
			break;
		ring_mark(b, seq - 1, before, 0);
	}
	atomic_store(&b->segment->first_seq, seq);
}

/* Drop the records restored so far: the next one does not follow them. */
static void
begin_again(struct bus *b)
{
	atomic_store(&b->segment->oldest, ring_head(b));
}

uint64_t
history_last_id(const struct bus *b)
{
	struct record	rec;
	uint64_t	begin, head;

	do {
		head = ring_head(b);
		if (ring_before(b, head, &rec, &begin))
			return rec.id;
	} while (head != ring_head(b));
	return 0;
}

uint64_t
history_copy(struct bus *b, const struct bus *old)
{
	static uint64_t	 buf[RECORD_MAX / sizeof(uint64_t)];
	struct reader	 r;
	struct record	*rec;
	uint64_t	 end, id = 0, missed, next, seq = 0, first_id = 0;
	size_t		 at, len;

	ring_seek_head(old, &r);
	next = r.seq < SEQ_END ? r.seq : 1;
	end = r.limit = r.cursor;
	r.cursor = ring_oldest(old);
	/* A hostile session that outlives its parent may move both. */
	if (end - r.cursor > old->ring_size)
		end = r.limit = r.cursor + old->ring_size;
	while ((len = ring_read(old, &r, (char *)buf, sizeof(buf),
	    &missed)) > 0) {
		for (at = 0; at < len; at += rec->size) {
			rec = (struct record *)(void *)((char *)buf + at);
			if (!genuine(rec) || rec->id <= id)
				continue;
			if (first_id == 0 || rec->seq != next) {
				begin_again(b);
				seq = rec->seq;
				first_id = rec->id;
			}
			id = rec->id;
			next = rec->seq + 1;
			ring_restore(b, rec);
		}
	}
	if (first_id == 0) {
		/* New IDs may be lower than the old ones: another room. */
		atomic_store(&b->segment->first_seq, next);
		return end;
	}
	copy_marks(b, old, next, seq, first_id);
	b->room = b->segment->room = old->segment->room;
	return end;
}
