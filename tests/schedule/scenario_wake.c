/* SPDX-License-Identifier: ISC */

/*
 * Sleepers and their doorbell: writers publish, readers read all and sleep,
 * and a writer, a reader or the waker may be killed at any step.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/common/event.h"
#include "ipc/bus/flow.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/wake.h"
#include "tests/schedule/scenario.h"

#define WRITERS	1
#define READERS	2
#define SAID	2

static void
begin(void)
{
}

static void
join(struct bus *b, const char *name, struct reader *r)
{
	static const unsigned char	token[BUS_TOKEN_SIZE];
	struct reader			live;
	int				ms;

	if (roster_join(b, name, NULL, token, NULL, r, &live, &ms) != BUS_OK)
		schedule_fail("cannot join");
}

static void
say(struct bus *b, const char *name, const char *text)
{
	uint64_t	buf[64];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, EVENT_MSG, name, strlen(name), text,
	    strlen(text) };
	int		ms;

	if (!ring_compose(&batch, &ev, b->me, RECORD_TO_ALL, 0))
		abort();
	while (ring_publish(b, &batch, &ms) == BUS_WAIT)
		schedule_fail("no space in the ring");
}

static void
writer(struct bus *b, const char *name)
{
	struct reader	r = { BUS_NOT_READING, 1, UINT64_MAX };
	int		i;

	flow_passed(b, &r);
	scenario_gate(name);
	for (i = 0; i < SAID; i++)
		say(b, name, "x");
	for (;;)
		scenario_sleep();
}

static void
reader(struct bus *b, const char *name, struct reader *r)
{
	uint64_t	buf[128], missed;

	scenario_gate(name);
	for (;;) {
		if (ring_read(b, r, (char *)buf, sizeof(buf), &missed) > 0) {
			flow_passed(b, r);
			continue;
		}
		if (wake_prepare(b, r))
			scenario_sleep();
		wake_cancel(b);
	}
}

static void
session(struct bus *b, int n)
{
	struct reader	r;
	char		name[8] = { (char)((n < WRITERS ? 'w' : 'r')),
	    (char)('0' + n) };

	join(b, name, &r);
	if (n < WRITERS)
		writer(b, name);
	else
		reader(b, name, &r);
}

static void
judge(void)
{
}

const struct scenario scenario_wake = {
	.name = "wake",
	.about = "a writer publishes for two sleepers, with the waker's help",
	.slots = 4,
	.ring = 8192,
	.clients = WRITERS + READERS,
	.kills = 1,
	.waker_mortal = true,
	.steps = 50000,
	.begin = begin,
	.session = session,
	.judge = judge
};
