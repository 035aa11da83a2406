/* SPDX-License-Identifier: ISC */

/*
 * Flow control: a writer says more than the ring holds, while one reader keeps
 * up, one does not read at all, one takes over from it and does not read
 * either, and one joins with history and leaves.  One of them may be killed,
 * one stopped for a while, and the clock may run on early.
 *
 * None of the readers has ever read much, so the writer may wait for all of
 * them together for the room's budget and no longer, whoever joins or leaves.
 * A reader that keeps up and is not lagging loses nothing.  A writer sleeps
 * only while some reader is behind.
 */

#include <stdio.h>
#include <string.h>

#include "ipc/bus/flow.h"
#include "ipc/bus/history.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/wake.h"
#include "tests/schedule/hearing.h"
#include "tests/schedule/scenario.h"

#define WRITER	0
#define READER	1
#define SAID	12		/* records, of which the ring holds 7 */
#define LATE_MS	250		/* the last scan may be so late */

static const unsigned char token[BUS_TOKEN_SIZE];

/* Join under the name of an idle reader, and idle likewise. */
static void
take_over(struct bus *b, const char *name)
{
	struct reader	r, live;
	int		ms;

	(void)roster_join(b, name, token, token, NULL, &r, &live, &ms);
	for (;;)
		scenario_sleep(-1);
}

/* Join with the ring's history, read it and leave. */
static void
visit(struct bus *b)
{
	struct reader	start, r, live;
	enum bus_result	result;
	int		ms;

	do {
		history_seek_last(b, &start, 3, 1U << EVENT_MSG);
		result = roster_join(b, "visitor", NULL, token, &start, &r,
		    &live, &ms);
		if (result == BUS_WAIT)
			scenario_sleep(ms);
	} while (result == BUS_WAIT);
	if (result != BUS_OK)
		schedule_fail("the visitor cannot join");
	hearing_from(b, &r);
	hearing_read(b, &r, true);
	while (roster_leave(b, "quit", &live, &ms) == BUS_WAIT) {
		hearing_read(b, &r, true);
		if (wake_prepare(b, &r))
			scenario_sleep(ms);
		wake_cancel(b);
	}
	r.cursor = BUS_NOT_READING;
	flow_passed(b, &r);
}

static void
session(struct bus *b, int n)
{
	struct reader r;

	switch (n) {
	case WRITER:
		hearing_speak(b, "w0", SAID);
		break;
	case READER:
		hearing_listen(b, "reader", true);
		break;
	case 2:
		hearing_join(b, "still", &r);
		scenario_gate("still");
		for (;;)
			scenario_sleep(-1);
	case 3:
		scenario_gate("taker");
		take_over(b, "still");
		break;
	default:
		scenario_gate("visitor");
		visit(b);
		break;
	}
}

static bool
idles(const struct process *p)
{
	return strcmp(p->name, "still") == 0 || strcmp(p->name, "taker") == 0;
}

/*
 * Nobody can run unless the clock moves.  A writer passes over a lagging
 * reader at its next scan, which is in time; so that is no reason to wake
 * the writer.
 */
static void
quiet(void)
{
	uint64_t	wanted, cursor;
	uint32_t	i;

	if (hearing_waited() > STALL_MS + LATE_MS)
		schedule_fail("the writer has waited for %llu ms",
		    (unsigned long long)hearing_waited());
	if (!hearing_waits(WRITER))
		return;
	wanted = memory_newest(&scenario_bus.segment->space_at, 8);
	for (i = 0; i < scenario->slots; i++) {
		cursor = memory_newest(&scenario_bus.slot[i].cursor, 8);
		if (cursor != BUS_NOT_READING && cursor < wanted)
			return;
	}
	schedule_fail("the writer sleeps, and all have passed what it needs");
}

const struct scenario scenario_flow = {
	.name = "flow",
	.about = "a writer in a small ring, and all kinds of readers",
	.slots = 5,
	.ring = 512,
	.clients = 5,
	.kills = 1,
	.stops = 1,
	.clocks = 1,
	.mortals = SESSIONS,
	.timers = true,
	.steps = 100000,
	.begin = hearing_begin,
	.session = session,
	.idles = idles,
	.quiet = quiet,
	.judge = hearing_judge
};
