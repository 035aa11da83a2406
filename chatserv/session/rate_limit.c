/* SPDX-License-Identifier: ISC */

/*
 * The rate limit of a session: a leaky bucket.
 *
 * A client that sends as fast as it can would use the whole machine, and the
 * other clients' messages would wait behind its own.  So a session accounts
 * for what it publishes while others publish too, and pauses if that exceeds
 * RATE_BYTES_MS a millisecond.  A client that talks alone is never limited,
 * and what people type stays far below the limit.
 *
 * A session sees that others publish because head is not where it left it.
 * What it published before they did is not charged, and no debt outlasts
 * OTHERS_MS: then its reason may be gone, and the session looks again.
 *
 * Runs in a session.
 */

#include "chatserv/session/rate_limit.h"
#include "ipc/bus/ring.h"

#define RATE_BYTES_MS	8192	/* bytes of the ring in a ms */
#define RATE_BURST	16384	/* bytes for which nobody waits */
#define OTHERS_MS	250	/* how long a writer counts as talking */
#define DEBT_MAX	((uint64_t)RATE_BYTES_MS * OTHERS_MS)

/* Whether no other client has talked of late. */
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
