/* SPDX-License-Identifier: ISC */

/*
 * Sleepers and their doorbell: writers publish, readers read all and sleep,
 * and a writer, a reader or the waker may be killed at any step.
 */

#include "tests/schedule/hearing.h"
#include "tests/schedule/scenario.h"

#define WRITERS	1
#define READERS	2
#define SAID	2

static void
session(struct bus *b, int n)
{
	hearing_session(b, n, WRITERS, SAID, true);
}

const struct scenario scenario_wake = {
	.name = "wake",
	.about = "a writer publishes for two sleepers, with the waker's help",
	.slots = 4,
	.ring = 8192,
	.clients = WRITERS + READERS,
	.kills = 1,
	.mortals = SESSIONS | WAKER,
	.steps = 50000,
	.begin = hearing_begin,
	.session = session,
	.judge = hearing_judge
};
