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
 * Taking turns at saying.
 *
 * A client that says all it can fills every moment of the machine, and the
 * others' words wait for those of one.  So a session keeps account of what
 * it has published, and while others publish too, it pauses where that is
 * more than TURN_RATE a millisecond.  One that talks alone is never held
 * up, and one that says what people say never gets near.
 *
 * That others publish is seen from head: it is not where this session left
 * it.
 */

#include "chatserv/turn.h"
#include "ipc/ring.h"

#define TURN_RATE	8192	/* bytes of the ring in a ms */
#define TURN_BURST	16384	/* bytes that nobody has to wait for */
#define OTHERS_MS	250	/* how long somebody counts as talking */

int
turn_wait(struct turn *t, const struct bus *b)
{
	uint64_t now = bus_now(), passed = now - t->seen;
	uint64_t head = ring_head(b);

	t->debt -= t->debt / TURN_RATE < passed ? t->debt :
	    passed * TURN_RATE;
	if (head != t->head && t->seen != 0)
		t->others = now;
	t->head = head;
	t->seen = now;
	if (t->debt < TURN_BURST || t->others == 0 ||
	    now - t->others > OTHERS_MS)
		return 0;
	return (int)((t->debt - TURN_BURST) / TURN_RATE) + 1;
}

void
turn_taken(struct turn *t, const struct bus *b, size_t len)
{
	t->debt += len;
	t->head = ring_head(b);
}
