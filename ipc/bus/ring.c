/* SPDX-License-Identifier: ISC */

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
 *	A writer that is killed before 3 has published nothing: numbers and
 *	IDs continue from the last record before head, wherever that is, and
 *	the next writer uses the space again.  A writer that is killed after
 *	it has published everything.  There is nothing to repair.
 *
 *	Reading, without the lock (an optimistic read, as by a seqlock):
 *	1. Walk from the cursor to head and copy the records.
 *	2. Validate: load `oldest`.  If it has passed the cursor, a writer may
 *	   have changed what was copied: drop that, and begin again some way
 *	   behind `oldest`, or the same would happen again and again.  The
 *	   sequence numbers tell how many records were missed.
 *
 * Both sides copy relaxed atomic words of 64 bits, so that the race which
 * step 2 makes harmless is no data race in C's terms either (Boehm, "Can
 * seqlocks get along with programming language memory models?").  Counting
 * by positions is after pounce's ring.c, validation after Aeron's broadcast
 * buffer.  The ring itself knows neither lock nor wake-ups: see publish.c.
 *
 * Writing runs in sessions, and in the parent; reading in any process.
 */

#include <assert.h>
#include <string.h>
#include <time.h>

#include "ipc/bus/ring.h"

/*
 * A batch must leave the last record before it untouched, or the numbers
 * would be lost with a writer that is killed before its commit; and a reader
 * that has read everything must have passed every space_at.
 */
_Static_assert(BATCH_MIN + RECORD_MAX <= BUS_RING_MIN &&
    BATCH_MIN <= BUS_RING_MIN / 4 * 3, "the smallest ring is too small");

#define FOOT		RECORD_FOOT
#define SEEK_TRIES	8	/* each fails only if the ring was lapped */

static uint64_t
now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static size_t
round_up(size_t n)
{
	return (n + RECORD_ALIGN - 1) & ~(size_t)(RECORD_ALIGN - 1);
}

size_t
ring_batch_max(const struct bus *b)
{
	size_t size = (size_t)b->ring_size / 4;

	return size < BATCH_MIN ? BATCH_MIN :
	    size > BATCH_MAX ? BATCH_MAX : size;
}

bool
ring_compose(struct batch *batch, const struct event *ev, uint32_t from,
    uint16_t to, uint32_t to_generation)
{
	struct event	 numbered = *ev;
	struct record	*rec;
	uint64_t	 foot;

	if (batch->used + round_up(event_size(ev) + RECORD_FRAME) > BATCH_MAX ||
	    batch->size - batch->used < round_up(event_size(ev) + RECORD_FRAME))
		return false;
	rec = (struct record *)(void *)(batch->buf + batch->used);
	memset(rec, 0, sizeof(*rec));
	numbered.id = 1;
	rec->text_len = (uint16_t)event_tsv(rec->text, &numbered);
	rec->size = (uint32_t)round_up(RECORD_FRAME + rec->text_len);
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

/* Relaxed: make_space()'s fence comes before, ring_commit() after. */
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

/* Relaxed: ring_head() came before, ring_oldest()'s fence comes after. */
static inline void
copy_word(const _Atomic uint64_t *src, char *dst)
{
	uint64_t word = atomic_load_explicit(src, memory_order_relaxed);

	memcpy(dst, &word, sizeof(word));
}

/* Unrolled by four: no compiler does so for atomic words. */
static inline void
copy_words(const _Atomic uint64_t *src, char *dst, size_t n)
{
	for (; n >= 4; n -= 4, src += 4, dst += 4 * sizeof(*src)) {
		copy_word(&src[0], dst);
		copy_word(&src[1], dst + sizeof(*src));
		copy_word(&src[2], dst + 2 * sizeof(*src));
		copy_word(&src[3], dst + 3 * sizeof(*src));
	}
	for (; n > 0; n--, src++, dst += sizeof(*src))
		copy_word(src, dst);
}

/* len is a number of whole words. */
static inline void
copy_out(const struct bus *b, uint64_t position, char *dst, size_t len)
{
	size_t begin = (size_t)(position & (b->ring_size - 1));
	size_t first = len;

	if (first > b->ring_size - begin)
		first = (size_t)b->ring_size - begin;
	copy_words(b->ring + begin / sizeof(*b->ring), dst,
	    first / sizeof(*b->ring));
	if (first < len)
		copy_words(b->ring, dst + first,
		    (len - first) / sizeof(*b->ring));
}

/* Whether a record of this size can lie at the beginning of len bytes. */
static bool
sound(uint64_t size, uint64_t len)
{
	return size >= RECORD_MIN && size <= RECORD_MAX && size <= len &&
	    size % RECORD_ALIGN == 0;
}

/* Acquires what ring_commit() released: all before head, and its marks. */
uint64_t
ring_head(const struct bus *b)
{
	return atomic_load_explicit(&b->segment->head, memory_order_acquire);
}

uint64_t
ring_oldest(const struct bus *b)
{
	uint64_t head = ring_head(b), oldest;

	/* Load oldest after whatever was copied, and after head. */
	atomic_thread_fence(memory_order_acquire);
	oldest = atomic_load_explicit(&b->segment->oldest,
	    memory_order_relaxed);
	/* Whatever the segment says, a ring holds no more than its size. */
	return head > oldest && head - oldest > b->ring_size ? head : oldest;
}

bool
ring_before(const struct bus *b, uint64_t end, struct record *rec,
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

/*
 * Number and ID of the last record before head; if there is none, what they
 * were before the first record, and false.
 */
static bool
last_record(const struct bus *b, uint64_t head, uint64_t *seq, uint64_t *id)
{
	struct record	rec;
	uint64_t	begin;

	if (ring_before(b, head, &rec, &begin)) {
		*seq = rec.seq;
		*id = rec.id;
		return true;
	}
	*seq = atomic_load(&b->segment->first_seq) - 1;
	*id = 0;
	return false;
}

/* Step 1: drop the oldest records until end fits. */
static void
make_space(struct bus *b, uint64_t head, uint64_t end)
{
	uint64_t	oldest = atomic_load(&b->segment->oldest);
	struct record	rec;

	if (head - oldest > b->ring_size)
		oldest = head;		/* this was forged */
	while (end - oldest > b->ring_size) {
		copy_out(b, oldest, (char *)&rec, sizeof(rec));
		if (!sound(rec.size, head - oldest)) {
			oldest = head;
			break;
		}
		oldest += rec.size;
	}
	/* Relaxed: the fence orders it before whatever is overwritten. */
	atomic_store_explicit(&b->segment->oldest, oldest,
	    memory_order_relaxed);
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

/*
 * Relaxed: make_space()'s fence comes before, so whoever acquires a mark sees
 * all but the last commit before it; ring_commit() comes after.
 */
void
ring_mark(struct bus *b, uint64_t seq, uint64_t id, uint64_t position)
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

	(void)last_record(b, head, &seq, &id);
	make_space(b, head, head + batch->used);
	for (at = 0; at < batch->used; at += rec->size) {
		rec = (struct record *)(void *)(batch->buf + at);
		id = now > id ? now : id + 1;
		stamp(rec, ++seq, id);
		ring_mark(b, seq, id, head + at);
	}
	copy_in(b, head, batch->buf, batch->used);
	return head + batch->used;
}

void
ring_restore(struct bus *b, const struct record *rec)
{
	uint64_t head = ring_head(b), end = head + rec->size;

	make_space(b, head, end);
	ring_mark(b, rec->seq, rec->id, head);
	copy_in(b, head, (const char *)rec, rec->size);
	ring_commit(b, end);
}

void
ring_commit(struct bus *b, uint64_t head)
{
	atomic_store_explicit(&b->segment->head, head, memory_order_release);
}

void
ring_walk(const struct bus *b, struct reader *r, struct walk *w)
{
	uint64_t oldest = ring_oldest(b);

	if (r->cursor < oldest)
		r->cursor = oldest;
	w->at = r->cursor;
	w->seq = r->seq;
	if ((w->end = ring_head(b)) > r->limit)
		w->end = r->limit;
}

bool
ring_peek(const struct bus *b, struct walk *w, struct record *rec)
{
	if (w->at >= w->end)
		return false;
	copy_out(b, w->at, (char *)rec, sizeof(*rec));
	if (sound(rec->size, w->end - w->at) &&
	    rec->text_len <= rec->size - RECORD_FRAME)
		return true;
	w->at = w->end;		/* no record, and nothing sound after it */
	return false;
}

void
ring_text(const struct bus *b, const struct walk *w,
    const struct record *rec, char *dst)
{
	copy_out(b, w->at + sizeof(*rec), dst, round_up(rec->text_len));
}

bool
ring_walked(const struct bus *b, struct reader *r, const struct walk *w)
{
	if (ring_oldest(b) > r->cursor)
		return false;
	r->cursor = w->at;
	r->seq = w->seq;
	return true;
}

bool
ring_skip(const struct bus *b, struct reader *r, unsigned int failed)
{
	struct record	first, last;
	uint64_t	begin, head = ring_head(b), n, oldest, position;

	if (failed > RING_FAILURES)
		return false;
	if (failed <= 1)
		return true;		/* ring_walk() goes to oldest */
	if (!ring_before(b, head, &last, &begin)) {
		r->cursor = head;
		return true;
	}
	/*
	 * Not head: the number of the last record tells how many were missed.
	 */
	r->cursor = begin;
	if (failed == RING_FAILURES)
		return true;
	oldest = ring_oldest(b);
	copy_out(b, oldest, (char *)&first, sizeof(first));
	/* Torn or forged, these are only a hint: the last record will do. */
	n = last.seq - first.seq;
	if (n >= b->ring_size / RECORD_MIN)
		return true;
	/* Relaxed: head was loaded later than what it commits was marked. */
	first.seq += n * (failed - 1) / (RING_FAILURES - 1);
	position = atomic_load_explicit(
	    &b->index[first.seq & (b->marks - 1)].position,
	    memory_order_relaxed);
	if (position >= oldest && position < head)
		r->cursor = position;
	return true;
}

size_t
ring_read(const struct bus *b, struct reader *r, char *buf, size_t size,
    uint64_t *missed)
{
	struct record	rec;
	struct walk	w;
	unsigned int	failed;
	size_t		len;

	for (failed = 0;;) {
		ring_walk(b, r, &w);
		*missed = 0;
		len = 0;
		while (ring_peek(b, &w, &rec) && rec.size <= size - len) {
			memcpy(buf + len, &rec, sizeof(rec));
			copy_out(b, w.at + sizeof(rec), buf + len +
			    sizeof(rec), rec.size - sizeof(rec));
			len += rec.size;
			*missed += ring_step(&w, &rec);
		}
		if (ring_walked(b, r, &w))
			return len;
		*missed = 0;
		if (!ring_skip(b, r, ++failed))
			return 0;
	}
}

void
ring_seek_head(const struct bus *b, struct reader *r)
{
	uint64_t	id;
	int		tries;

	r->limit = UINT64_MAX;
	/* There is none if the ring was overwritten meanwhile, or empty. */
	for (tries = 0; tries < SEEK_TRIES; tries++) {
		r->cursor = ring_head(b);
		if (last_record(b, r->cursor, &r->seq, &id) ||
		    r->cursor == ring_head(b))
			break;
	}
	r->seq++;
}
