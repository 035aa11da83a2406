/* SPDX-License-Identifier: ISC */

/*
 * The ring of records: appending under the lock, reading without it.  See
 * ring.c for how one store commits and how a reader learns what it missed.
 */
#ifndef IPC_RING_H
#define IPC_RING_H

#include <stddef.h>

#include "ipc/bus/bus.h"
#include "ipc/common/event.h"

/* The longest text, made visible, with its names, kind and frame. */
#define RECORD_MAX	((size_t)17 << 10)
#define BATCH_MIN	((size_t)32 << 10)	/* bytes, in the smallest */
#define BATCH_MAX	((size_t)64 << 10)	/* bytes, in any ring */
#define RECORD_ALIGN	8
#define RECORD_FOOT	sizeof(uint64_t)	/* repeats the size */
#define RECORD_FRAME	(sizeof(struct record) + RECORD_FOOT)
#define RECORD_MIN	((size_t)64)	/* "ID\tme\ta\t\n" in its frame */
#define RECORD_TO_ALL	UINT16_MAX
#define RING_FAILURES	5U	/* in a row, before a reader gives up */

/* One event on the bus: this head, its line of TSV, and a foot. */
struct record {
	uint32_t	size;		/* in all; a multiple of 8 */
	uint16_t	kind;		/* enum event_kind */
	uint16_t	text_len;
	uint16_t	from;		/* the sender's slot */
	uint16_t	to;		/* the reader's, or RECORD_TO_ALL */
	uint32_t	to_generation;
	uint64_t	seq;		/* counts every record ever published */
	uint64_t	id;
	char		text[];		/* with its LF */
};

/*
 * Composed records that one commit will publish, in the caller's memory
 * (aligned as a uint64_t).  ring_append() gives them IDs and numbers.
 */
struct batch {
	char		*buf;
	size_t		 size;
	size_t		 used;
};

/* An optimistic read in progress. */
struct walk {
	uint64_t	 at;		/* position of the next record */
	uint64_t	 end;
	uint64_t	 seq;		/* its number, if none is missed */
};

/*
 * The most bytes of a batch for this ring: a quarter of the ring, but at
 * least BATCH_MIN and at most BATCH_MAX.
 */
size_t	 ring_batch_max(const struct bus *b);

/*
 * Compose a record of ev, sent by slot from, in batch.  to is a slot in its
 * present generation, or RECORD_TO_ALL.  Ignores ev->id.  Returns false if
 * there is no space for it; RECORD_MAX bytes are enough for any.
 */
bool	 ring_compose(struct batch *batch, const struct event *ev,
	    uint32_t from, uint16_t to, uint32_t to_generation);

/*
 * The steps of publishing, for publish.c and change.c: under the lock, and
 * after flow_space().  ring_append() writes batch behind head and returns
 * where head will be; ring_commit() makes it so.
 */
uint64_t ring_append(struct bus *b, struct batch *batch);
void	 ring_commit(struct bus *b, uint64_t head);

/*
 * For history.c.  ring_restore() appends and commits a record as it is, with
 * its number and ID, while no other process writes.  ring_mark() stores in the
 * index where the record numbered seq begins.  ring_before() reads the head of
 * the record that ends at end, and where it begins; false if the ring holds
 * none.  ring_oldest() returns the position before which everything may be
 * overwritten, after everything that was read earlier.
 */
void	 ring_restore(struct bus *b, const struct record *rec);
void	 ring_mark(struct bus *b, uint64_t seq, uint64_t id,
	    uint64_t position);
bool	 ring_before(const struct bus *b, uint64_t end, struct record *rec,
	    uint64_t *begin);
uint64_t ring_oldest(const struct bus *b);

/* The position of the next record. */
uint64_t ring_head(const struct bus *b);

/*
 * Optimistic reading, without the lock; for any process.  ring_walk() begins
 * at r's cursor.  ring_peek() reads the head of the next record, false if
 * there is none; ring_text() copies its text to dst, text_len bytes in whole
 * words, so up to 7 more; ring_step() advances past it, and returns how many
 * records are missing before it.
 *
 * Then ring_walked() validates.  If it is true, everything that was read is
 * sound, and it has moved r.  If it is false, a writer has overwritten some
 * of it: the caller drops what it has read, calls ring_skip() with the number
 * of its failures in a row, and begins again: after the first failure at the
 * oldest record, then each time a quarter of the ring further on, so that
 * writers do not lap it again at once, and at last at the last record.  If
 * ring_skip() is false, no writer of ours can be as fast, and the caller
 * gives up for now.
 */
void	 ring_walk(const struct bus *b, struct reader *r, struct walk *w);
bool	 ring_peek(const struct bus *b, struct walk *w, struct record *rec);
void	 ring_text(const struct bus *b, const struct walk *w,
	    const struct record *rec, char *dst);
bool	 ring_walked(const struct bus *b, struct reader *r,
	    const struct walk *w);
bool	 ring_skip(const struct bus *b, struct reader *r,
	    unsigned int failed);

/* Inline: every session runs it for every record. */
static inline uint64_t
ring_step(struct walk *w, const struct record *rec)
{
	uint64_t missed = rec->seq > w->seq ? rec->seq - w->seq : 0;

	w->at += rec->size;
	w->seq = rec->seq + 1;
	return missed;
}

/*
 * Copy as many whole records as there are and fit to buf[0..size), which is
 * aligned as a uint64_t, by such a walk.  Returns the bytes copied, and 0 if
 * it gives up, too; *missed is the number of records that were overwritten
 * before the first of them.
 */
size_t	 ring_read(const struct bus *b, struct reader *r, char *buf,
	    size_t size, uint64_t *missed);

/* Set r to the next record that will be published. */
void	 ring_seek_head(const struct bus *b, struct reader *r);

#endif
