/* SPDX-License-Identifier: ISC */

/*
 * Flow control, and its price.
 *
 * A writer does not overwrite what some session still has to read, but waits
 * (back-pressure).  So a file that is piped into the room arrives whole; but
 * any client could stop the room.  Therefore there are two kinds of waiting:
 *
 *	Flow control waits for a reader that keeps reading: every FLOW_SECOND
 *	bytes of the ring (R) that it reads earn it another second, and it can
 *	save up one.  No writer overwrites what a reader of R in each second
 *	has not read, and such a reader slows down only writers of more than
 *	R.
 *
 *	Stalling waits for a newcomer, whose client has not accepted R yet
 *	(what its session holds back does not count).  It has a second to begin
 *	with, but the room pays for it from one budget of STALL_MS in any
 *	STALL_SPAN, which nothing refills early.
 *
 * A reader that has spent its second, or a newcomer once the budget is spent,
 * is lagging: no writer waits for it, and the ring laps it, until it is at
 * most half a ring behind.  A session that asks for more history than that
 * begins as lagging.  A takeover inherits its predecessor's account.
 *
 * Writers store all of this under the lock, and may be killed between any two
 * stores.  tests/model/pressure.pml checks it.
 *
 * Writers scan all cursors only when the ring has advanced by as much as the
 * last scan found free (`low_water` is the lowest cursor that it saw), so the
 * cost of a message does not grow with the number of clients.
 *
 * Runs in sessions, and in the parent when it announces a death.
 */

#include "ipc/bus/flow.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/wake.h"

#define LAGGING		1
#define IN_DOUBT	2		/* for a reader the same */
#define SCAN_MS		(BUS_CREDIT_MS / 4)
#define FLOW_SECOND	((uint64_t)FLOW_RATE * BUS_CREDIT_MS)

/* What writers waited for at the last scan. */
enum { HELD_NOT, HELD_FLOW, HELD_STALL };

/*
 * The ms since the last scan, but at most SCAN_MS: on a machine that is too
 * busy to let a reader run, no single late scan decides.  The new time is
 * stored before it is charged, so a kill only makes the charge smaller.  Under
 * the lock.
 */
static uint64_t
tell_time(struct bus *b)
{
	uint64_t now = bus_now(), seen = atomic_load(&b->segment->flow_seen);

	atomic_store(&b->segment->flow_seen, now);
	if (now <= seen)
		return 0;
	return now - seen < SCAN_MS ? now - seen : SCAN_MS;
}

/*
 * Charge ms of stalling to the room's budget; returns what is left of it.  It
 * is full again when nothing was charged for STALL_SPAN, so no span of that
 * length has seen more than STALL_MS of it.  First refill, then store the
 * time, then charge: so a kill never refills it early.
 */
static uint64_t
charge_room(struct bus *b, uint64_t ms)
{
	struct segment	*p = b->segment;
	uint64_t	 now = atomic_load(&p->flow_seen);
	uint64_t	 spent = atomic_load(&p->stall_spent);

	if (spent > 0 && now - atomic_load(&p->stall_at) >= STALL_SPAN) {
		spent = 0;
		atomic_store(&p->stall_spent, 0);
	}
	if (ms > 0) {
		spent += ms;
		atomic_store(&p->stall_at, now);
		atomic_store(&p->stall_spent, spent);
	}
	return spent < STALL_MS ? STALL_MS - spent : 0;
}

/*
 * How much of counted..cursor a reader's client has accepted: not what its
 * session holds back for it.  The session stores that amount before it moves
 * its cursor, so nothing counts too early.
 */
static uint64_t
taken_since(const struct slot *s, uint64_t counted, uint64_t cursor)
{
	uint64_t held = atomic_load(&s->held_back);

	return cursor > counted && cursor - counted > held ?
	    cursor - counted - held : 0;
}

/*
 * What a reader pays for of the ms before `now`, in which writers waited: not
 * the time before it joined, or last moved.
 */
static uint64_t
share_of(const struct slot *s, uint64_t now, uint64_t ms)
{
	uint64_t since = atomic_load(&s->since);

	if (now <= since)
		return 0;
	return ms < now - since ? ms : now - since;
}

/*
 * Settle a reader's account: charge it ms of waiting, and credit what it has
 * read since the last scan.  Every reader more than half a ring behind pays,
 * not only the one that blocks the writer: otherwise their seconds would add
 * up, and several stalled readers could hold the room up one after the other.
 * The credit is stored before counted moves: so a kill can make a reader
 * richer, by a second at most.  Returns the credit, of which FLOW_RATE bytes
 * are worth a ms.
 */
static uint64_t
settle(struct bus *b, struct slot *s, uint64_t cursor, uint64_t ms)
{
	uint64_t counted = atomic_load(&s->counted);
	uint64_t took = taken_since(s, counted, cursor);
	uint64_t credit = atomic_load(&s->credit);
	uint64_t unproven = atomic_load(&s->unproven);

	if (credit > FLOW_SECOND)
		credit = FLOW_SECOND;	/* it was forged */
	if (ring_head(b) - cursor > b->ring_size / 2)
		credit -= credit < ms * FLOW_RATE ? credit : ms * FLOW_RATE;
	if (took > 0) {
		/* This writer may have been delayed since it took the time. */
		atomic_store(&s->since, bus_now());
		credit = took < FLOW_SECOND - credit ? credit + took :
		    FLOW_SECOND;
		unproven -= took < unproven ? took : unproven;
	}
	atomic_store(&s->credit, credit);
	atomic_store(&s->unproven, unproven);
	atomic_store(&s->counted, counted + took);
	return credit;
}

/*
 * Mark the slot as lagging, unless it has moved at last: then return false.
 * The reader, in flow_passed(), moves first and then checks whether it is
 * lagging, so one of both sees the other.  Until this writer has checked, the
 * slot is in doubt, and remains so if the writer is killed: the next scan
 * examines it anew.
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
 * Load every cursor, and settle the accounts: which readers would be
 * overwritten if head were `end`?  Those for which no writer may wait are
 * lagging from now on.  Returns the ms to wait for the others, or until the
 * next scan; 0 if there are none.
 */
static int
scan_cursors(struct bus *b, uint64_t end)
{
	struct slot	*s;
	uint64_t	 cursor, head = ring_head(b), lowest = head, left;
	uint64_t	 passed = tell_time(b), wait = 0, room;
	uint64_t	 seen = atomic_load(&b->segment->flow_seen);
	uint32_t	 held = atomic_load(&b->segment->held), i;
	uint32_t	 high = bus_slots(b), newcomer;

	room = charge_room(b, held == HELD_STALL ? passed : 0);
	if (held == HELD_NOT)
		passed = 0;
	held = HELD_NOT;
	for (i = 0; i < high; i++) {
		s = &b->slot[i];
		cursor = atomic_load(&s->cursor);
		if (cursor >= head || atomic_load(&s->lagging) == LAGGING)
			continue;
		left = settle(b, s, cursor, share_of(s, seen, passed)) /
		    FLOW_RATE;
		if (end - cursor > b->ring_size) {
			newcomer = atomic_load(&s->unproven) > 0;
			if (newcomer && left > room)
				left = room;
			if (left == 0) {
				if (give_up(s, cursor))
					continue;
				left = 1;
			}
			if (left > wait)
				wait = left;
			if (held != HELD_STALL)
				held = newcomer ? HELD_STALL : HELD_FLOW;
		}
		if (cursor < lowest)
			lowest = cursor;
	}
	atomic_store(&b->segment->low_water, lowest);
	atomic_store(&b->segment->held, held);
	return (int)(wait < SCAN_MS ? wait : SCAN_MS);
}

/*
 * Ask readers to wake this session when they have passed `position`.  After
 * that the writer scans again; a reader moves its cursor and then loads
 * space_at.  With a full fence on both sides at least one sees the other, as
 * in wake.c; and every wait ends after SCAN_MS.
 */
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
	/*
	 * Ask for a quarter of the ring, to make each wake-up worth its cost.
	 */
	ask_for_space(b, end - b->ring_size + b->ring_size / 4);
	return scan_cursors(b, end);
}

/*
 * Begin to read at cursor, with this credit: writers wait for this slot, or
 * not yet if it is lagging.  If cursor is below the low-water mark, lower the
 * mark, under the lock, or a scan in progress would overwrite it.
 */
static void
follow(struct bus *b, uint64_t cursor, uint64_t credit, uint64_t unproven,
    bool lagging)
{
	struct slot *s = &b->slot[b->me];

	atomic_store(&s->credit, credit);
	atomic_store(&s->unproven, unproven);
	atomic_store(&s->counted, cursor);
	atomic_store(&s->since, bus_now());
	atomic_store(&s->lagging, lagging ? LAGGING : 0);
	atomic_store(&s->cursor, cursor);
	if (!lagging && cursor < atomic_load(&b->segment->low_water))
		atomic_store(&b->segment->low_water, cursor);
}

/* Whether this position is so far behind that no writer need wait for it. */
static bool
far_behind(const struct bus *b, uint64_t cursor)
{
	uint64_t head = ring_head(b);

	return cursor < head && head - cursor > b->ring_size / 2;
}

void
flow_follow(struct bus *b, const struct reader *r)
{
	follow(b, r->cursor, FLOW_SECOND, FLOW_SECOND,
	    far_behind(b, r->cursor));
}

/*
 * Charge a reader for what writers have waited since the last scan, as the
 * next one would.  Under the lock.
 */
static void
charge(struct bus *b, struct slot *s)
{
	uint64_t cursor = atomic_load(&s->cursor), now = bus_now();
	uint64_t seen = atomic_load(&b->segment->flow_seen);
	uint64_t ms = now - seen < SCAN_MS ? now - seen : SCAN_MS;

	if (atomic_load(&b->segment->held) != HELD_NOT && now > seen &&
	    cursor < ring_head(b) && atomic_load(&s->lagging) != LAGGING)
		(void)settle(b, s, cursor, share_of(s, now, ms));
}

/*
 * The account is settled before it is inherited: else whoever takes over just
 * before each scan would never pay.
 */
void
flow_succeed(struct bus *b, uint32_t older, const struct reader *r)
{
	struct slot *s = &b->slot[older];

	charge(b, s);
	atomic_store(&s->lagging, LAGGING);
	follow(b, r->cursor, atomic_load(&s->credit),
	    atomic_load(&s->unproven), far_behind(b, r->cursor));
}

/*
 * A lagging reader has caught up: writers wait for it again, as for a newcomer
 * at first.  It has certainly read what lies between oldest, at which it was
 * lapped or which it has passed, and its cursor.
 */
static void
rejoin(struct bus *b, const struct reader *r)
{
	struct slot	*s = &b->slot[b->me];
	uint64_t	 from, took;

	if (!lock_acquire(b))
		return;
	from = ring_oldest(b);
	if (from < atomic_load(&s->counted))
		from = atomic_load(&s->counted);
	took = taken_since(s, from, r->cursor);
	if (took > FLOW_SECOND)
		took = FLOW_SECOND;
	if (atomic_load(&s->state) != SLOT_REPLACED)
		follow(b, r->cursor, took, FLOW_SECOND - took, false);
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
	    !far_behind(b, r->cursor))
		rejoin(b, r);
	space_at = atomic_load(&b->segment->space_at);
	if (before < space_at && space_at <= r->cursor)
		wake_writers(b);
}
