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
 * The ring of records.
 *
 * Positions are byte counts that never wrap; a position's place in the
 * ring is its low bits.  Records lie in [oldest, head), each with its size
 * at both ends, so that they can be walked either way.
 *
 *	Writing, under the lock:
 *	1. `oldest` moves past what will be overwritten, and never back.
 *	2. The records are written behind head.
 *	3. One store of `head` commits them all.
 *	Killed before 3, nothing was published: numbers and IDs go on from
 *	the last record before head, wherever that is, and the space is used
 *	again.  Killed after it, everything was.  There is nothing to repair.
 *
 *	Reading, without the lock:
 *	1. Copy [cursor, head).
 *	2. Look at `oldest`: what lies before it may have changed during the
 *	   copying, and is dropped.  The sequence numbers tell how many.
 *
 * Both sides copy in relaxed 64-bit words, so that the race which step 2
 * makes harmless is none on paper either (Boehm, "Can seqlocks get along
 * with programming language memory models?").  Counting by positions is
 * after pounce's ring.c, the second look after Aeron's broadcast buffer.
 */

#include <assert.h>
#include <string.h>
#include <time.h>

#include "ipc/lock.h"
#include "ipc/ring.h"
#include "ipc/wake.h"

/*
 * A batch must leave the last record before it untouched, or a writer
 * killed before its commit would take the numbers along; and a reader that
 * has read all must have passed every room_at.
 */
_Static_assert(BATCH_MAX + RECORD_MAX <= BUS_RING_MIN &&
    BATCH_MAX <= BUS_RING_MIN / 4 * 3, "the batch is too large");

#define FOOT		sizeof(uint64_t)
#define RECORD_MIN	(sizeof(struct record) + FOOT)
/* Marks that a batch may overwrite before it is committed. */
#define MARKS_IN_FLIGHT	1024

static uint64_t
now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t
bus_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static size_t
round_up(size_t n)
{
	return (n + RECORD_ALIGN - 1) & ~(size_t)(RECORD_ALIGN - 1);
}

bool
ring_compose(struct batch *batch, const struct event *ev, uint32_t from,
    uint16_t to, uint32_t to_generation)
{
	struct event	 numbered = *ev;
	struct record	*rec;
	uint64_t	 foot;

	if (batch->used + round_up(event_size(ev) + RECORD_MIN) > BATCH_MAX ||
	    batch->size - batch->used < round_up(event_size(ev) + RECORD_MIN))
		return false;
	rec = (struct record *)(void *)(batch->buf + batch->used);
	memset(rec, 0, sizeof(*rec));
	numbered.id = 1;
	rec->text_len = (uint16_t)event_tsv(rec->text, &numbered);
	rec->size = (uint32_t)round_up(RECORD_MIN + rec->text_len);
	rec->kind = (uint16_t)ev->kind;
	rec->from = (uint16_t)from;
	rec->to = to;
	rec->to_generation = to_generation;
	foot = rec->size;
	memcpy(batch->buf + batch->used + rec->size - FOOT, &foot, FOOT);
	batch->used += rec->size;
	return true;
}

static _Atomic uint64_t *
place(const struct bus *b, uint64_t position)
{
	return &b->ring[(position & (b->ring_size - 1)) / sizeof(uint64_t)];
}

static void
copy_in(struct bus *b, uint64_t position, const char *src, size_t len)
{
	uint64_t	word;
	size_t		i;

	for (i = 0; i < len; i += sizeof(word)) {
		memcpy(&word, src + i, sizeof(word));
		atomic_store_explicit(place(b, position + i), word,
		    memory_order_relaxed);
	}
}

static void
copy_out(const struct bus *b, uint64_t position, char *dst, size_t len)
{
	uint64_t	word;
	size_t		i;

	for (i = 0; i < len; i += sizeof(word)) {
		word = atomic_load_explicit(place(b, position + i),
		    memory_order_relaxed);
		memcpy(dst + i, &word, sizeof(word));
	}
}

/* Whether a record of this size can lie at the beginning of len bytes. */
static bool
sound(uint64_t size, uint64_t len)
{
	return size >= RECORD_MIN && size <= RECORD_MAX && size <= len &&
	    size % RECORD_ALIGN == 0;
}

uint64_t
ring_head(const struct bus *b)
{
	return atomic_load_explicit(&b->page->head, memory_order_acquire);
}

static uint64_t
ring_oldest(const struct bus *b)
{
	/* After whatever was copied before. */
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&b->page->oldest, memory_order_relaxed);
}

/*
 * The head of the record that ends at end, and where it begins.  False if
 * the ring holds none.
 */
static bool
record_before(const struct bus *b, uint64_t end, struct record *rec,
    uint64_t *begin)
{
	uint64_t oldest = ring_oldest(b), size = 0;

	if (end < oldest + RECORD_MIN)
		return false;
	copy_out(b, end - FOOT, (char *)&size, FOOT);
	if (!sound(size, end - oldest))
		return false;
	*begin = end - size;
	copy_out(b, *begin, (char *)rec, sizeof(*rec));
	return ring_oldest(b) <= *begin;
}

/* Number and ID of the last record; what they were before the first. */
static void
last_record(const struct bus *b, uint64_t *seq, uint64_t *id)
{
	struct record	rec;
	uint64_t	begin;

	if (record_before(b, ring_head(b), &rec, &begin)) {
		*seq = rec.seq;
		*id = rec.id;
	} else {
		*seq = atomic_load(&b->page->first_seq) - 1;
		*id = 0;
	}
}

/*
 * How long this blocking slot may still be waited for, in ms.  The time
 * counts only while the cursor stays where it is, so nobody pays for an
 * old delay.  Since before cursor: a publisher killed between the two
 * stores leaves a pair that does not match, and the time begins anew.
 */
static int
patience_left(struct slot *s, uint64_t cursor, uint64_t now)
{
	uint64_t since;

	if (atomic_load(&s->stall_cursor) != cursor) {
		atomic_store(&s->stall_since, now);
		atomic_store(&s->stall_cursor, cursor);
	}
	since = atomic_load(&s->stall_since);
	if (now < since || now - since >= BUS_PATIENCE)
		return 0;
	return (int)(BUS_PATIENCE - (now - since));
}

/*
 * The slot is lagging from now on, unless it has moved at last: then
 * return false.  The reader, in ring_passed(), moves first and then looks
 * whether it is lagging, so one of us sees the other.
 */
static bool
give_up(struct slot *s, uint64_t cursor)
{
	atomic_store(&s->lagging, 1);
	if (atomic_load(&s->cursor) == cursor)
		return true;
	atomic_store(&s->lagging, 0);
	return false;
}

/*
 * Look at every cursor: who would be overwritten if head were `end`?
 * Those who have not moved for too long are lagging from now on.  Returns
 * the ms to wait for the others, 0 if there are none.
 */
static int
survey(struct bus *b, uint64_t end)
{
	struct slot	*s;
	uint64_t	 cursor, head = ring_head(b), lowest = head;
	uint64_t	 now = bus_now();
	uint32_t	 i, high = atomic_load(&b->page->high);
	int		 left, wait = 0;

	for (i = 0; i < high && i < b->slots; i++) {
		s = &b->slot[i];
		cursor = atomic_load(&s->cursor);
		if (cursor >= head || atomic_load(&s->lagging))
			continue;
		/* Everyone's from now on: patience must not add up. */
		left = patience_left(s, cursor, now);
		if (end - cursor > b->ring_size) {
			if (left == 0) {
				if (give_up(s, cursor))
					continue;
				left = BUS_PATIENCE;
			}
			if (left > wait)
				wait = left;
		}
		if (cursor < lowest)
			lowest = cursor;
	}
	atomic_store(&b->page->floor, lowest);
	return wait;
}

/* Ask readers to wake this session when they have passed `position`. */
static void
ask_for_room(struct bus *b, uint64_t position)
{
	if (atomic_load(&b->page->room_at) < position)
		atomic_store(&b->page->room_at, position);
	if (b->me != BUS_NOBODY)
		wake_mark(b->blocked, b->me);
	atomic_thread_fence(memory_order_seq_cst);
}

int
ring_room(struct bus *b, size_t len)
{
	uint64_t head = ring_head(b), end = head + len;

	if (end <= atomic_load(&b->page->floor) + b->ring_size ||
	    survey(b, end) == 0)
		return 0;
	/* A quarter of the ring at once: a wake-up should be worth it. */
	ask_for_room(b, end - b->ring_size + b->ring_size / 4);
	return survey(b, end);
}

/* Step 1: give up the oldest records until end fits. */
static void
make_room(struct bus *b, uint64_t head, uint64_t end)
{
	uint64_t	oldest = atomic_load(&b->page->oldest);
	struct record	rec;

	while (end - oldest > b->ring_size) {
		copy_out(b, oldest, (char *)&rec, sizeof(rec));
		if (!sound(rec.size, head - oldest)) {
			oldest = head;
			break;
		}
		oldest += rec.size;
	}
	atomic_store_explicit(&b->page->oldest, oldest, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
}

/* Give a composed record its number and ID, in its head and its text. */
static void
stamp(struct record *rec, uint64_t seq, uint64_t id)
{
	rec->seq = seq;
	rec->id = id;
	event_put_id(rec->text, id);
}

static void
set_mark(struct bus *b, uint64_t seq, uint64_t id, uint64_t position)
{
	struct mark *m = &b->index[seq & (b->marks - 1)];

	atomic_store_explicit(&m->id, id, memory_order_relaxed);
	atomic_store_explicit(&m->position, position, memory_order_relaxed);
}

uint64_t
ring_append(struct bus *b, struct batch *batch)
{
	struct record	*rec;
	uint64_t	 head = ring_head(b), id, now = now_us(), seq;
	size_t		 at;

	last_record(b, &seq, &id);
	make_room(b, head, head + batch->used);
	for (at = 0; at < batch->used; at += rec->size) {
		rec = (struct record *)(void *)(batch->buf + at);
		id = now > id ? now : id + 1;
		stamp(rec, ++seq, id);
		set_mark(b, seq, id, head + at);
	}
	copy_in(b, head, batch->buf, batch->used);
	return head + batch->used;
}

void
ring_commit(struct bus *b, uint64_t head)
{
	atomic_store_explicit(&b->page->head, head, memory_order_release);
}

/* Whether this session may still speak.  Under the lock. */
static bool
closed(const struct bus *b)
{
	return atomic_load(&b->page->closed) ||
	    atomic_load(&b->slot[b->me].state) >= SLOT_LEFT;
}

enum bus_result
ring_publish(struct bus *b, struct batch *batch, int *wait_ms)
{
	enum bus_result result = BUS_OK;

	if (!lock_take(b))
		return BUS_GONE;
	if (closed(b)) {
		result = BUS_GONE;
	} else if ((*wait_ms = ring_room(b, batch->used)) > 0) {
		result = BUS_WAIT;
	} else {
		ring_commit(b, ring_append(b, batch));
	}
	lock_release(b);
	if (result == BUS_OK) {
		wake_clear(b->blocked, b->me);
		batch->used = 0;
		wake_readers(b);
	}
	return result;
}

/* Bytes of whole, sound records at the beginning of buf[0..len). */
static size_t
whole_records(const char *buf, size_t len)
{
	const struct record	*rec;
	size_t			 at;

	for (at = 0; len - at >= RECORD_MIN; at += rec->size) {
		rec = (const struct record *)(const void *)(buf + at);
		if (!sound(rec->size, len - at) ||
		    rec->text_len > rec->size - RECORD_MIN)
			break;
	}
	return at;
}

size_t
ring_read(const struct bus *b, struct reader *r, char *buf, size_t size,
    uint64_t *missed)
{
	const struct record	*first, *last;
	uint64_t		 end, oldest, foot;
	size_t			 len;

	*missed = 0;
	for (;;) {
		if ((end = ring_head(b)) > r->limit)
			end = r->limit;
		if (end <= r->cursor)
			return 0;
		len = end - r->cursor < size ? (size_t)(end - r->cursor) : size;
		copy_out(b, r->cursor, buf, len);
		if ((oldest = ring_oldest(b)) <= r->cursor)
			break;
		r->cursor = oldest;
	}
	if (len >= RECORD_MAX && whole_records(buf, len) == 0)
		r->cursor = end;	/* not a record: nothing here is */
	if ((len = whole_records(buf, len)) == 0)
		return 0;
	first = (const struct record *)(const void *)buf;
	memcpy(&foot, buf + len - FOOT, FOOT);
	last = sound(foot, len) ?
	    (const struct record *)(const void *)(buf + len - foot) : first;
	*missed = first->seq > r->seq ? first->seq - r->seq : 0;
	r->seq = last->seq + 1;
	r->cursor += len;
	return len;
}

void
ring_follow(struct bus *b, const struct reader *r)
{
	struct slot	*s = &b->slot[b->me];

	atomic_store(&s->cursor, r->cursor);
	atomic_store(&s->stall_cursor, BUS_NOT_READING);
	atomic_store(&s->lagging, 0);
	if (r->cursor < atomic_load(&b->page->floor))
		atomic_store(&b->page->floor, r->cursor);
}

/* A lagging reader has caught up: from now on it is waited for again. */
static void
rejoin(struct bus *b, const struct reader *r)
{
	if (!lock_take(b))
		return;
	ring_follow(b, r);
	lock_release(b);
}

void
ring_passed(struct bus *b, const struct reader *r)
{
	struct slot	*s = &b->slot[b->me];
	uint64_t	 before = atomic_load(&s->cursor), room_at;

	atomic_store(&s->cursor, r->cursor);
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&s->lagging) && r->cursor != BUS_NOT_READING &&
	    ring_head(b) - r->cursor <= b->ring_size / 2)
		rejoin(b, r);
	room_at = atomic_load(&b->page->room_at);
	if (before < room_at && room_at <= r->cursor)
		wake_writers(b);
}

void
ring_seek_head(const struct bus *b, struct reader *r)
{
	uint64_t id;

	r->limit = UINT64_MAX;
	do {
		r->cursor = ring_head(b);
		last_record(b, &r->seq, &id);
	} while (r->cursor != ring_head(b));
	r->seq++;
}

void
ring_seek_last(const struct bus *b, struct reader *r, uint64_t n,
    unsigned int kinds)
{
	struct record	rec;
	uint64_t	begin, end;

	ring_seek_head(b, r);
	for (end = r->cursor; n > 0; end = begin) {
		if (!record_before(b, end, &rec, &begin))
			break;
		if (kinds & (1U << (rec.kind & 31U))) {
			n--;
			r->cursor = begin;
			r->seq = rec.seq;
		}
	}
}

/*
 * The smallest number in [from, to] whose record came after id; to + 1 if
 * there is none.  IDs grow with the numbers.
 */
static uint64_t
first_after(const struct bus *b, uint64_t from, uint64_t to, uint64_t id)
{
	uint64_t middle;

	while (from <= to) {
		middle = from + (to - from) / 2;
		if (atomic_load(&b->index[middle & (b->marks - 1)].id) <= id)
			from = middle + 1;
		else
			to = middle - 1;
	}
	return from;
}

void
ring_seek_id(const struct bus *b, struct reader *r, uint64_t id)
{
	uint64_t first, last, known, wanted, position;

	do {
		ring_seek_head(b, r);
		last = r->seq - 1;
		first = atomic_load(&b->page->first_seq);
		known = b->marks - MARKS_IN_FLIGHT;
		if (last >= known && last - known + 1 > first)
			first = last - known + 1;
		wanted = first_after(b, first, last, id);
		position = atomic_load(
		    &b->index[wanted & (b->marks - 1)].position);
	} while (ring_head(b) - r->cursor > MARKS_IN_FLIGHT / 2 * RECORD_MIN);
	if (wanted > last)
		return;
	/* Where that is gone, the first record there is tells the gap. */
	r->seq = wanted;
	r->cursor = position;
	if (position < ring_oldest(b))
		r->cursor = ring_oldest(b);
}

/* Whether rec, of an old page, is what ring_append() writes after id. */
static bool
genuine(const struct record *rec, uint64_t id)
{
	struct event ev;

	return rec->text_len > 0 && rec->text[rec->text_len - 1] == '\n' &&
	    event_parse(&ev, rec->text, rec->text_len - 1U) == 0 &&
	    ev.id == rec->id && ev.kind == rec->kind && rec->id > id;
}

/* Remember the IDs of records that are gone, for those who resume. */
static void
copy_marks(struct bus *b, const struct bus *old, uint64_t next)
{
	uint64_t first, marks, seq;

	first = atomic_load(&old->page->first_seq);
	marks = (old->marks < b->marks ? old->marks : b->marks) -
	    MARKS_IN_FLIGHT;
	if (next > marks && next - marks > first)
		first = next - marks;
	for (seq = first; seq < next; seq++)
		set_mark(b, seq,
		    atomic_load(&old->index[seq & (old->marks - 1)].id), 0);
	atomic_store(&b->page->first_seq, first);
}

uint64_t
ring_copy(struct bus *b, const struct bus *old)
{
	static uint64_t	 buf[RECORD_MAX / sizeof(uint64_t)];
	struct reader	 r = { 0, 0, UINT64_MAX };
	struct record	*rec;
	uint64_t	 head = ring_head(b), end, id = 0, missed, next;
	size_t		 at, len;

	ring_seek_head(old, &r);
	next = r.seq;
	end = r.limit = r.cursor;
	copy_marks(b, old, next);
	r.cursor = ring_oldest(old);
	while ((len = ring_read(old, &r, (char *)buf, sizeof(buf),
	    &missed)) > 0) {
		for (at = 0; at < len; at += rec->size) {
			rec = (struct record *)(void *)((char *)buf + at);
			if (!genuine(rec, id) || rec->seq >= next)
				continue;
			id = rec->id;
			make_room(b, head, head + rec->size);
			set_mark(b, rec->seq, id, head);
			copy_in(b, head, (char *)rec, rec->size);
			ring_commit(b, head += rec->size);
		}
	}
	return end;
}
