/* SPDX-License-Identifier: ISC */

/*
 * Flow control under readers that behave at random: a seeded search.
 *
 * The ring, the cursors and the accounts are production's; the clock is the
 * test's own, linked in place of ipc/bus/clock.c, so that hours pass in a
 * moment.  A writer publishes as much as there is space for.  Some readers
 * keep the bargain: slot 0 reads all, slot 1 reads FLOW_RATE in each second or
 * all.  The others change at random: they read all, or a record now and then,
 * or nothing; leave; return, at the head or far in the past; take over from
 * one another.  Whatever they do,
 *
 *	a reader that keeps the bargain is never lagging,
 *	no writer waits longer than one second (and a scan),
 *	in no ten seconds do writers wait for newcomers alone for more than
 *	one, nor publish less than FLOW_RATE in the nine others.
 */

#include "ipc/bus/flow.h"
#include "ipc/bus/history.h"
#include "tests/unit/bus.h"

#define READERS		8
#define WRITER		READERS
#define TICK_MS		10
#define SECONDS		600
#define TICKS		(SECONDS * 1000 / TICK_MS)
#define SPAN_TICKS	(STALL_SPAN / TICK_MS)
#define SLACK_MS	(2 * TICK_MS)	/* the clock moves by ticks */
#define SECOND		((uint64_t)FLOW_RATE * BUS_CREDIT_MS)
#define PROOF		SECOND		/* enough for no newcomer */
#define LEAST_SAID	((uint64_t)FLOW_RATE * (STALL_SPAN - STALL_MS))
#define TAKEOVER_MS	200	/* sooner than the next scan */
#define SAY_MOST	70		/* records a tick: more than the ring */

enum way { ALL, FLOW, DRIP, STOPPED, AWAY, WAYS };

struct one {
	enum way	 way;
	struct reader	 r;
	uint64_t	 next;		/* when it reads, or returns */
	uint64_t	 took;		/* bytes since it joined */
};

static struct bus	 bus;
static struct one	 one[READERS];
static uint64_t		 now = 1000, seed;
static int		 retry;		/* ms until a writer's next scan */
static unsigned char	 stalled[TICKS];
static uint64_t		 published[TICKS];

uint64_t
bus_now(void)
{
	return now;
}

static uint64_t
dice(uint64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (seed >> 33) % n;
}

static void
be_slot(uint32_t slot)
{
	bus.me = slot;
}

/* Read `most` bytes, or up to a record more, or all there is. */
static void
take(uint32_t slot, size_t most)
{
	static uint64_t	 buf[RECORD_MAX / sizeof(uint64_t)];
	struct one	*o = &one[slot];
	uint64_t	 missed;
	size_t		 len, taken = 0;

	be_slot(slot);
	while (taken < most && (len = ring_read(&bus, &o->r, (char *)buf,
	    most - taken < sizeof(buf) ? 1200 : sizeof(buf), &missed)) > 0)
		taken += len;
	o->took += taken;
	flow_passed(&bus, &o->r);
}

/*
 * Where it begins to read: at the head, somewhere in the past, or at the
 * oldest.
 */
static void
seek(uint32_t slot)
{
	uint64_t n[] = { 0, dice(100), UINT64_MAX };

	be_slot(slot);
	history_seek_last(&bus, &one[slot].r, n[dice(3)], ~0U);
	one[slot].way = dice(2) ? STOPPED : (enum way)dice(AWAY);
	one[slot].next = now;
}

static void
come(uint32_t slot)
{
	seek(slot);
	one[slot].took = 0;
	flow_follow(&bus, &one[slot].r);
}

static void
go(uint32_t slot)
{
	be_slot(slot);
	one[slot].r.cursor = BUS_NOT_READING;
	flow_passed(&bus, &one[slot].r);
	one[slot].way = AWAY;
	one[slot].next = now + dice(1000);
}

/* Slot takes over from another, for which no writer waits from then on. */
static void
take_over(uint32_t slot, uint32_t other)
{
	if (one[slot].way != AWAY || one[other].way == AWAY)
		return;
	seek(slot);
	if ((one[slot].took = one[other].took) > PROOF)
		one[slot].took = PROOF;
	flow_succeed(&bus, other, &one[slot].r);
	must(atomic_load(&bus.slot[other].lagging) != 0);
	go(other);
}

/* A reader that keeps no bargain may change its behaviour. */
static void
change_ways(uint32_t slot)
{
	struct one *o = &one[slot];

	if (dice(100) != 0)
		return;
	switch (dice(4)) {
	case 0:
		if (o->way != AWAY)
			go(slot);
		break;
	case 1:
		take_over(slot, 2 + (uint32_t)dice(READERS - 2));
		break;
	default:
		if (o->way != AWAY)
			o->way = (enum way)dice(AWAY);
		break;
	}
}

/* What a reader does at this moment. */
static void
act(uint32_t slot)
{
	struct one	*o = &one[slot];
	uint64_t	 ms;

	if (now < o->next)
		return;
	switch (o->way) {
	case ALL:
		take(slot, SIZE_MAX);
		break;
	case FLOW:
		ms = 1000 - dice(80) * TICK_MS;
		o->next = now + ms;
		take(slot, ms * FLOW_RATE);
		break;
	case DRIP:
		o->next = now + dice(900);
		take(slot, 1);
		break;
	case AWAY:
		come(slot);
		break;
	default:
		break;
	}
}

/* Publish as much as there is space for.  False if there was none at all. */
static bool
say(void)
{
	static char	 text[1000];
	static uint64_t	 buf[2048 / sizeof(uint64_t)];
	struct batch	 batch = { (char *)buf, sizeof(buf), 0 };
	struct event	 ev = { 0, EVENT_MSG, "w", 1, text, sizeof(text) };
	int		 i;

	be_slot(WRITER);
	memset(text, 'x', sizeof(text));
	for (i = 0; i < SAY_MOST; i++) {
		ev.text_len = dice(sizeof(text));
		batch.used = 0;
		must(ring_compose(&batch, &ev, WRITER, RECORD_TO_ALL, 0));
		if (publish_batch(&bus, &batch, &retry) == BUS_WAIT)
			return i > 0;
	}
	return true;
}

/* Whether writers wait only for newcomers now. */
static bool
for_newcomers(void)
{
	uint64_t	 cursor, head = ring_head(&bus);
	unsigned int	 proven = 0, slot;
	struct slot	*s;

	for (slot = 0; slot < READERS; slot++) {
		s = &bus.slot[slot];
		cursor = atomic_load(&s->cursor);
		if (cursor < head && !atomic_load(&s->lagging) &&
		    head + 1000 - cursor > bus.ring_size)
			proven += one[slot].took >= PROOF;
	}
	return proven == 0;
}

static void
begin(uint64_t number)
{
	uint32_t slot;

	seed = number;
	memset(one, 0, sizeof(one));
	now += 100000;
	fresh_bus(&bus, READERS + 1, BUS_RING_MIN);
	for (slot = 0; slot <= READERS; slot++) {
		roster_open(&bus, slot, "unit");
		be(&bus, slot);
	}
	for (slot = 0; slot < READERS; slot++) {
		come(slot);
		one[slot].way = ALL;
	}
	for (slot = 0; slot < 200; slot++) {
		(void)say();
		take(0, SIZE_MAX);
		take(1, SIZE_MAX);
		now += TICK_MS;
	}
	/* A reader that reads no more than it must slows all others. */
	one[1].way = number % 2 ? ALL : FLOW;
}

static void
test_search(uint64_t number)
{
	unsigned int	broken = 0, held = 0, longest = 0, spent = 0;
	unsigned int	most = 0, holds = 0, i;
	uint32_t	slot;
	uint64_t	least = UINT64_MAX;
	char		name[200];

	begin(number);
	for (i = 0; i < TICKS; i++, now += TICK_MS) {
		for (slot = 0; slot < READERS; slot++) {
			if (slot >= 2)
				change_ways(slot);
			act(slot);
		}
		held = say() ? 0 : held + TICK_MS;
		holds += held > 0;
		if (held > longest)
			longest = held;
		broken += atomic_load(&bus.slot[0].lagging) ||
		    atomic_load(&bus.slot[1].lagging);
		stalled[i] = held > 0 && for_newcomers();
		spent += stalled[i] * TICK_MS;
		published[i] = ring_head(&bus);
		if (i >= SPAN_TICKS) {
			spent -= stalled[i - SPAN_TICKS] * TICK_MS;
			if (published[i] - published[i - SPAN_TICKS] < least)
				least = published[i] -
				    published[i - SPAN_TICKS];
		}
		if (spent > most)
			most = spent;
	}
	(void)snprintf(name, sizeof(name), "seed %llu: held up %u s of %u, "
	    "%u ms at once, %u ms of ten s for newcomers; least said in ten s "
	    "%llu bytes; %u promises broken", (unsigned long long)number,
	    holds * TICK_MS / 1000, SECONDS, longest, most,
	    (unsigned long long)least, broken);
	ok(broken == 0 && holds > 0 && longest <= BUS_CREDIT_MS + SLACK_MS &&
	    most <= STALL_MS + SLACK_MS && least >= LEAST_SAID, name);
}

/*
 * A reader that has proved itself stops, and others take over from it, one
 * after the other, each just before writers would scan: all of them together
 * have one second.
 */
static void
test_chain(void)
{
	unsigned int	held = 0, i;
	uint32_t	at = 2, next = 3;
	uint64_t	said = 0;	/* or the time of the next scan */

	begin(1);
	for (i = 4; i < READERS; i++)
		go(i);
	go(next);
	for (i = 0; i < 200; i++, now += TICK_MS) {
		(void)say();
		take(0, SIZE_MAX);
		take(1, SIZE_MAX);
		take(at, SIZE_MAX);
	}
	for (i = 0; i < 1000; i++, now += TICK_MS) {
		take(0, SIZE_MAX);
		take(1, SIZE_MAX);
		if (now >= said && say())
			said = now;
		else if (now >= said)
			said = now + (uint64_t)retry;
		held += said > now ? TICK_MS : 0;
		if (said <= now || said - now > BUS_CREDIT_MS / 4 - TAKEOVER_MS)
			continue;
		be_slot(next);
		history_seek_last(&bus, &one[next].r, 0, ~0U);
		flow_succeed(&bus, at, &one[next].r);
		go(at);
		next = at;
		at = 5 - at;
		said = now;
	}
	ok(held > 0 && held <= BUS_CREDIT_MS + SLACK_MS,
	    "successors have one second, and no more by taking over in time");
	printf("# held up %u ms of ten s\n", held);
}

int
main(void)
{
	uint64_t number;

	test_chain();

	for (number = 1; number <= 6; number++)
		test_search(number);
	return done();
}
