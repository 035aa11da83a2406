/* SPDX-License-Identifier: ISC */

/*
 * How publishers and readers keep pace.
 *
 * A reader that reads loses nothing: a publisher does not overwrite what
 * it has not read, but waits.  A reader that does not move for a second is
 * lagging: nobody waits for it until it has caught up, and the ring laps
 * it.  So one stopped client can hold the room for a second, once.
 *
 * That second is by a clock of their own (see tell_time()): on a machine
 * that is too busy to let the reader run, it is not by one late look that a
 * reader is judged, but by several.
 *
 * Publishers look at all cursors only when the ring has moved on by what
 * the last look found free (`low_water` is the lowest cursor it saw), so the
 * cost of a message does not grow with the number of clients.  Whoever
 * comes in below the low-water mark, at its start or after lagging, lowers
 * it under the lock.
 *
 * A publisher that must wait says so in `blocked` and `space_at`, and looks
 * once more; a reader moves its cursor and then looks at space_at.  With a
 * full fence on both sides at least one sees the other, as in wake.c; and
 * every wait ends after a second at most.  tests/model/pressure.pml checks
 * this.
 */

#include "ipc/bus/lock.h"
#include "ipc/bus/flow.h"
#include "ipc/bus/wake.h"

#define LAGGING		1
#define IN_DOUBT	2		/* to a reader the same */
#define LOOK_MS		(BUS_PATIENCE / 4)

/*
 * The time by which patience is measured, in ms.  It goes on only when a
 * publisher looks at it, and not by more than LOOK_MS a look, so that a
 * second of it has seen four looks.  When it was looked at is written
 * before it: a publisher killed between the two makes the time too short,
 * never too long.  Under the lock.
 */
static uint64_t
tell_time(struct bus *b)
{
	struct segment	*p = b->segment;
	uint64_t	 now = bus_now(), seen = atomic_load(&p->flow_seen);
	uint64_t	 time = atomic_load(&p->flow_time);

	atomic_store(&p->flow_seen, now);
	if (now > seen)
		time += now - seen < LOOK_MS ? now - seen : LOOK_MS;
	atomic_store(&p->flow_time, time);
	return time;
}

/*
 * How long this blocking slot may still be waited for, in ms.  The time
 * counts only while the cursor stays where it is, so nobody pays for an
 * old delay.  Since before cursor: a publisher killed between the two
 * stores leaves a pair that does not match, and the time begins anew.
 */
static int
patience_left(struct bus *b, struct slot *s, uint64_t cursor, uint64_t now)
{
	uint64_t since;

	if (atomic_load(&s->stall_cursor) != cursor) {
		/* Not now: that was before the cursor was looked at. */
		atomic_store(&s->stall_since, tell_time(b));
		atomic_store(&s->stall_cursor, cursor);
		return BUS_PATIENCE;
	}
	since = atomic_load(&s->stall_since);
	if (now < since || now - since >= BUS_PATIENCE)
		return 0;
	return (int)(BUS_PATIENCE - (now - since));
}

/*
 * The slot is lagging from now on, unless it has moved at last: then
 * return false.  The reader, in flow_passed(), moves first and then looks
 * whether it is lagging, so one of us sees the other.  Until we have
 * looked, the slot is in doubt, and stays so if we are killed: the next
 * scan examines it anew.
 */
static bool
give_up(struct slot *s, uint64_t cursor)
{
	bool moved;

	atomic_store(&s->lagging, IN_DOUBT);
	moved = atomic_load(&s->cursor) != cursor;
	atomic_store(&s->lagging, moved ? 0 : LAGGING);
	return !moved;
}

/*
 * Look at every cursor: who would be overwritten if head were `end`?
 * Those who have not moved for too long are lagging from now on.  Returns
 * the ms to wait for the others, or until the next look; 0 if there are
 * none.
 */
static int
scan_cursors(struct bus *b, uint64_t end)
{
	struct slot	*s;
	uint64_t	 cursor, head = ring_head(b), lowest = head;
	uint64_t	 now = tell_time(b);
	uint32_t	 i, high = bus_slots(b);
	int		 left, wait = 0;

	for (i = 0; i < high; i++) {
		s = &b->slot[i];
		cursor = atomic_load(&s->cursor);
		if (cursor >= head || atomic_load(&s->lagging) == LAGGING)
			continue;
		/* Everyone's from now on: patience must not add up. */
		left = patience_left(b, s, cursor, now);
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
	atomic_store(&b->segment->low_water, lowest);
	return wait < LOOK_MS ? wait : LOOK_MS;
}

/* Ask readers to wake this session when they have passed `position`. */
static void
ask_for_space(struct bus *b, uint64_t position)
{
	if (atomic_load(&b->segment->space_at) < position)
		atomic_store(&b->segment->space_at, position);
	if (b->me != BUS_NOBODY)
		wake_mark(b->blocked, b->me);
	atomic_thread_fence(memory_order_seq_cst);
}

int
flow_space(struct bus *b, size_t len)
{
	uint64_t head = ring_head(b), end = head + len;

	if (end <= atomic_load(&b->segment->low_water) + b->ring_size ||
	    scan_cursors(b, end) == 0)
		return 0;
	/* A quarter of the ring at once: a wake-up should be worth it. */
	ask_for_space(b, end - b->ring_size + b->ring_size / 4);
	return scan_cursors(b, end);
}

void
flow_follow(struct bus *b, const struct reader *r)
{
	struct slot	*s = &b->slot[b->me];

	atomic_store(&s->cursor, r->cursor);
	atomic_store(&s->stall_cursor, BUS_NOT_READING);
	atomic_store(&s->lagging, 0);
	if (r->cursor < atomic_load(&b->segment->low_water))
		atomic_store(&b->segment->low_water, r->cursor);
}

/* A lagging reader has caught up: from now on it is waited for again. */
static void
rejoin(struct bus *b, const struct reader *r)
{
	if (!lock_acquire(b))
		return;
	flow_follow(b, r);
	lock_release(b);
}

void
flow_passed(struct bus *b, const struct reader *r)
{
	struct slot	*s = &b->slot[b->me];
	uint64_t	 before = atomic_load(&s->cursor), space_at;

	atomic_store(&s->cursor, r->cursor);
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&s->lagging) && r->cursor != BUS_NOT_READING &&
	    ring_head(b) - r->cursor <= b->ring_size / 2)
		rejoin(b, r);
	space_at = atomic_load(&b->segment->space_at);
	if (before < space_at && space_at <= r->cursor)
		wake_writers(b);
}
