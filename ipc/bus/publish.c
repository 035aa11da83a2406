/* SPDX-License-Identifier: ISC */

/*
 * Publishing: the one way by which a session's records get onto the ring.
 *
 * This file joins the parts that know nothing of each other: the lock excludes
 * other writers, flow control says whether there is space, the ring appends
 * and commits, and, after the lock is released, wake-ups go to the readers.
 * change.c takes the same steps for a record that changes the roster, and
 * records its intent between the append and the commit.
 *
 * Runs in a session.
 */

#include "ipc/bus/flow.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/publish.h"
#include "ipc/bus/wake.h"

/* Whether this session may publish no more.  Under the lock. */
static bool
closed(const struct bus *b)
{
	return atomic_load(&b->segment->closed) ||
	    atomic_load(&b->slot[b->me].state) >= SLOT_LEFT;
}

enum bus_result
publish_batch(struct bus *b, struct batch *batch, int *wait_ms)
{
	enum bus_result	result = BUS_OK;
	int		ms;

	if (!lock_acquire(b))
		return BUS_GONE;
	if (closed(b)) {
		result = BUS_GONE;
	} else if ((ms = flow_space(b, batch->used)) > 0) {
		*wait_ms = ms;
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
