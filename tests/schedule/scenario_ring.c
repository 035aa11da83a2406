/* SPDX-License-Identifier: ISC */

/*
 * The ring: two writers publish, and a reader for whom nobody waits is lapped,
 * since the ring holds only three records.  It must get no record that is torn
 * or out of order, and must know exactly how many it missed.
 */

#include "tests/schedule/hearing.h"
#include "tests/schedule/scenario.h"

#define WRITERS	2
#define READERS	1
#define SAID	3

static void
session(struct bus *b, int n)
{
	hearing_session(b, n, WRITERS, SAID, false);
}

const struct scenario scenario_ring = {
	.name = "ring",
	.about = "two writers overwrite what a reader reads",
	.slots = 4,
	.ring = 256,
	.clients = WRITERS + READERS,
	.kills = 1,
	.mortals = SESSIONS,
	.timers = true,
	.steps = 50000,
	.begin = hearing_begin,
	.session = session,
	.judge = hearing_judge
};
