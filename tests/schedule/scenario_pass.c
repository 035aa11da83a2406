/* SPDX-License-Identifier: ISC */

/*
 * The smallest room: one session publishes one record and another reads it, so
 * that every schedule with few preemptions, kills and old loads can be tried.
 */

#include "tests/schedule/hearing.h"
#include "tests/schedule/scenario.h"

#define WRITERS	1
#define READERS	1
#define SAID	1

static void
session(struct bus *b, int n)
{
	hearing_session(b, n, WRITERS, SAID, true);
}

const struct scenario scenario_pass = {
	.name = "pass",
	.about = "one record from one to another",
	.slots = 4,
	.ring = 1024,
	.clients = WRITERS + READERS,
	.kills = 1,
	.mortals = SESSIONS | WAKER,
	.steps = 50000,
	.begin = hearing_begin,
	.session = session,
	.judge = hearing_judge
};
