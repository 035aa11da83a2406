/* SPDX-License-Identifier: ISC */

/*
 * Taking turns at saying.
 *
 * A client that says all it can fills every moment of the machine, and the
 * others' words wait for those of one.  So a session keeps account of what
 * it has published, and while others publish too, it pauses where that is
 * more than RATE_BYTES_MS a millisecond.  One that talks alone is never held
 * up, and one that says what people say never gets near.
 *
 * That others publish is seen from head: it is not where this session left
 * it.
 */

#include "chatserv/session/rate_limit.h"
#include "ipc/bus/ring.h"

#define RATE_BYTES_MS	8192	/* bytes of the ring in a ms */
#define RATE_BURST	16384	/* bytes that nobody has to wait for */
#define OTHERS_MS	250	/* how long somebody counts as talking */

int
rate_limit_wait(struct rate_limit *t, const struct bus *b)
{
	uint64_t now = bus_now(), passed = now - t->seen;
	uint64_t head = ring_head(b);

	t->debt -= t->debt / RATE_BYTES_MS < passed ? t->debt :
	    passed * RATE_BYTES_MS;
	if (head != t->head && t->seen != 0)
		t->others = now;
	t->head = head;
	t->seen = now;
	if (t->debt < RATE_BURST || t->others == 0 ||
	    now - t->others > OTHERS_MS)
		return 0;
	return (int)((t->debt - RATE_BURST) / RATE_BYTES_MS) + 1;
}

void
rate_limit_charge(struct rate_limit *t, const struct bus *b, size_t len)
{
	t->debt += len;
	t->head = ring_head(b);
}
