/* SPDX-License-Identifier: ISC */

/*
 * A change of the roster: who joins, takes over, is renamed or leaves.
 *
 * A session may be killed within such a change.  So a change is a small
 * transaction (write-ahead), which the one commit of the ring decides:
 *
 *	1. Record the intent in the slot: what changes, and what head will be.
 *	2. Commit the ring's record: head moves there.
 *	3. Redo the intent on the slot, and clear it.
 *
 * The session holds the lock all the while.  If the parent finds an intent in
 * the slot of a dead owner of the lock, head tells whether 2 happened: if so,
 * the parent does 3, else it drops the intent.  No other process can have
 * moved head meanwhile.
 *
 * Runs in sessions; in the parent, to announce a death and to recover.
 */

#include <string.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/change.h"
#include "ipc/bus/flow.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/wake.h"

uint32_t
change_hash(const char *name)
{
	uint32_t	h = 2166136261U;	/* FNV-1a */
	unsigned char	c;

	for (; *name != '\0'; name++) {
		c = (unsigned char)*name;
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		h = (h ^ c) * 16777619U;
	}
	return h == 0 ? 1 : h;
}

/* Step 1.  The kind is stored last, and makes the rest valid. */
static void
record_intent(struct slot *s, enum slot_change change, const char *name,
    uint32_t other, uint64_t end)
{
	(void)strlcpy(s->change_name, name, sizeof(s->change_name));
	s->change_other = other;
	s->change_end = end;
	atomic_store(&s->change, (uint32_t)change);
}

/* Step 3.  It is idempotent: to do it twice is to do it once. */
void
change_redo(struct bus *b, uint32_t slot)
{
	struct slot	*s = &b->slot[slot];
	uint32_t	 other = s->change_other;

	switch (atomic_load(&s->change)) {
	case CHANGE_TAKEOVER:
		if (other < b->slots) {
			atomic_store(&b->slot[other].state, SLOT_REPLACED);
			atomic_store(&b->hash[other], 0);
		}
		/* FALLTHROUGH */
	case CHANGE_JOIN:
	case CHANGE_RENAME:
		memcpy(s->name, s->change_name, sizeof(s->name));
		s->name[sizeof(s->name) - 1] = '\0';
		atomic_store(&s->state, SLOT_PRESENT);
		atomic_store(&b->hash[slot], change_hash(s->name));
		break;
	case CHANGE_LEAVE:
		atomic_store(&s->state, SLOT_LEFT);
		atomic_store(&b->hash[slot], 0);
		break;
	default:
		break;
	}
	atomic_store(&s->change, CHANGE_NONE);
}

bool
change_begin(struct bus *b)
{
	if (!lock_acquire(b))
		return false;
	if (atomic_load(&b->segment->closed) ||
	    atomic_load(&b->slot[b->me].state) >= SLOT_LEFT) {
		lock_release(b);
		return false;
	}
	return true;
}

enum bus_result
change_publish(struct bus *b, uint32_t slot, enum slot_change what,
    enum event_kind kind, const char *name, const char *text, uint64_t *end,
    int *wait_ms)
{
	static uint64_t	buf[RECORD_MAX / sizeof(uint64_t)];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, kind, name, strlen(name), text,
	    strlen(text) };
	int		ms;

	if (!ring_compose(&batch, &ev, slot, RECORD_TO_ALL, 0))
		return BUS_GONE;
	if ((ms = flow_space(b, batch.used)) > 0) {
		*wait_ms = ms;
		return BUS_WAIT;
	}
	*end = ring_append(b, &batch);
	record_intent(&b->slot[slot], what, what == CHANGE_RENAME ? text :
	    name, BUS_NOBODY, *end);
	ring_commit(b, *end);
	change_redo(b, slot);
	return BUS_OK;
}

void
change_take_over(struct bus *b, uint32_t other)
{
	/* No record is committed: the intent alone decides. */
	record_intent(&b->slot[b->me], CHANGE_TAKEOVER, b->slot[other].name,
	    other, 0);
	change_redo(b, b->me);
}

enum bus_result
change_end(struct bus *b, enum bus_result result)
{
	lock_release(b);
	if (result == BUS_OK) {
		if (b->me != BUS_NOBODY)
			wake_clear(b->blocked, b->me);
		wake_readers(b);
	}
	return result;
}

void
change_recover(struct bus *b, uint32_t slot)
{
	struct slot *s = &b->slot[slot];

	if (ring_head(b) >= s->change_end)
		change_redo(b, slot);
	else
		atomic_store(&s->change, CHANGE_NONE);
}
