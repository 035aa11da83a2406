/* SPDX-License-Identifier: ISC */

/*
 * Processes that are stopped, by SIGSTOP or a debugger, at any step, and
 * continued at any time or not for seconds.  The others go on meanwhile:
 * nobody sleeps who has something to read, although the one that ought to
 * wake it stands still; who is stopped with the lock is killed in time; and a
 * waker that is stopped is replaced.  The clock may also run on early, as on a
 * machine that is too busy.
 */

#include "tests/schedule/hearing.h"
#include "tests/schedule/scenario.h"

#define WRITERS	2
#define READERS	2
#define SAID	2

static void
session(struct bus *b, int n)
{
	hearing_session(b, n, WRITERS, SAID, true);
}

const struct scenario scenario_stop = {
	.name = "stop",
	.about = "writers, readers and the waker are stopped for a while",
	.slots = 5,
	.ring = 8192,
	.clients = WRITERS + READERS,
	.stops = 1,
	.clocks = 1,
	.mortals = SESSIONS | WAKER,
	.steps = 50000,
	.begin = hearing_begin,
	.session = session,
	.judge = hearing_judge
};
