/* SPDX-License-Identifier: ISC */

/*
 * Processes that are stopped, by SIGSTOP or a debugger, at any step, and
 * continued at any time or only after seconds.  The others continue meanwhile:
 * no process sleeps that has something to read, although the one that should
 * wake it is stopped; a process that is stopped with the lock is killed in
 * time; and a stopped waker is replaced.  The clock may also run on early, as
 * on an overloaded machine.
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
