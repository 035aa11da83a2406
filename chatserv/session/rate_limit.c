/* SPDX-License-Identifier: ISC */

/*
 * Taking turns at saying.
 *
 * A client that says all it can fills every moment of the machine, and the
 * others' words wait for those of one.  So a session keeps account of what
 * it publishes while others publish too, and pauses where that is more than
 * RATE_BYTES_MS a millisecond.  One that talks alone is never held up, and
 * one that says what people say never gets near.
 *
 * That others publish is seen from head: it is not where this session left
 * it.  What it said before they did is not held against it, and no account
 * outlasts OTHERS_MS: then the reason may be gone, and is looked for again.
 */

#include "chatserv/session/rate_limit.h"
#include "ipc/bus/ring.h"

#define RATE_BYTES_MS	8192	/* bytes of the ring in a ms */
#define RATE_BURST	16384	/* bytes that nobody has to wait for */
#define OTHERS_MS	250	/* how long somebody counts as talking */
#define DEBT_MAX	((uint64_t)RATE_BYTES_MS * OTHERS_MS)

/* Whether nobody else has talked of late. */
static bool
alone(const struct rate_limit *t)
{
	return t->others == 0 || t->seen - t->others > OTHERS_MS;
}

int
rate_limit_wait(struct rate_limit *t, const struct bus *b)
{
	uint64_t head = ring_head(b), now = bus_now(), passed = now - t->seen;
	uint64_t ms, rest;

	if (head != t->head && t->seen != 0)
		t->others = now;
	t->head = head;
	t->seen = now;
	if (alone(t))
		t->debt = 0;
	t->debt -= t->debt / RATE_BYTES_MS < passed ? t->debt :
	    passed * RATE_BYTES_MS;
	if (t->debt < RATE_BURST)
		return 0;
	ms = (t->debt - RATE_BURST) / RATE_BYTES_MS;
	rest = t->others + OTHERS_MS - now;
	return (int)(ms < rest ? ms : rest) + 1;
}

void
rate_limit_charge(struct rate_limit *t, const struct bus *b, size_t len)
{
	t->head = ring_head(b);
	if (alone(t))
		return;
	t->debt += len;
	if (t->debt > DEBT_MAX)
		t->debt = DEBT_MAX;
}
