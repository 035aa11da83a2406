/* SPDX-License-Identifier: ISC */

/*
 * A late waker: it is stopped, and so may be the parent, which would have
 * replaced it.  A writer that finds the doorbell pressed for a tenth of a
 * second wakes everyone itself.
 */

#include <stdio.h>

#include "ipc/bus/flow.h"
#include "tests/schedule/hearing.h"
#include "tests/schedule/kernel.h"
#include "tests/schedule/scenario.h"

#define WRITER	0
#define READERS	2
#define SAID	4
#define EVERY_MS	110
#define LATE_MS	100

static uint64_t	 said_at;
static bool	 recovering;	/* a waker has died */

static void
begin(void)
{
	hearing_begin();
	said_at = 0;
	recovering = false;
}

static void
died(const struct process *p)
{
	(void)p;
	recovering = true;
}

/* A parent that sleeps, and is not stopped, has recovered everything. */
static void
quiet(void)
{
	recovering = recovering && scenario_stopped(KERNEL_FIRST_PID);
}

/* Like hearing_speak(), but with pauses. */
static void
speak(struct bus *b)
{
	struct reader	nobody = { BUS_NOT_READING, 1, UINT64_MAX }, live;
	char		text[12];
	int		i;

	hearing_join(b, "w0", &live);
	flow_passed(b, &nobody);
	scenario_gate("w0");
	for (i = 0; i < SAID; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		said_at = schedule_now();
		hearing_publish(b, "w0", text);
		scenario_sleep(EVERY_MS);
	}
	for (;;)
		scenario_sleep(-1);
}

static void
session(struct bus *b, int n)
{
	char name[] = { 'r', (char)('0' + n), '\0' };

	if (n == WRITER)
		speak(b);
	else
		hearing_listen(b, name, true);
}

static bool
waker_is_away(void)
{
	pid_t pid = (pid_t)memory_newest(&scenario_bus.segment->waker,
	    sizeof(pid_t));

	return !scenario_lives(pid) || scenario_stopped(pid);
}

/* Whether a process has claimed p's bit but not yet signalled p. */
static bool
is_claimed(const struct process *p)
{
	uint64_t	bits = memory_newest(&scenario_bus.sleepers[0], 8);
	uint32_t	i;

	for (i = 0; i < scenario->slots; i++)
		if (p->pid == (pid_t)memory_newest(&scenario_bus.slot[i].pid,
		    sizeof(pid_t)))
			return (bits >> i & 1) == 0;
	return false;
}

/*
 * While the parent is stopped, a reader has to wait for it if a waker died in
 * the middle of its round and the parent had not yet made the next one wake
 * everyone.  With no waker at all, a reader has to wait for the next record
 * that is published while the waker is late, and no longer.
 */
static bool
excused(const struct process *p)
{
	const struct segment *s = scenario_bus.segment;

	if (!scenario_stopped(KERNEL_FIRST_PID))
		return false;
	return is_claimed(p) || (waker_is_away() ? said_at <= (LATE_MS +
	    memory_newest(&s->doorbell_since, 8)) * SCHEDULE_MS : recovering);
}

const struct scenario scenario_late = {
	.name = "late",
	.about = "waker and parent are stopped, and a writer does their work",
	.slots = 4,
	.ring = 8192,
	.clients = 1 + READERS,
	.stops = 2,
	.clocks = 1,
	.mortals = WAKER | PARENT,
	.timers = true,
	.steps = 50000,
	.begin = begin,
	.died = died,
	.session = session,
	.quiet = quiet,
	.excused = excused,
	.judge = hearing_judge
};
