/* SPDX-License-Identifier: ISC */

/*
 * Processes have static objects of their own.  The parent increments its count
 * of children after each fork, so every child keeps the number that it was
 * forked with, however often others run meanwhile.
 */

#include <stdio.h>

#include "chatserv/parent/child_table.h"
#include "ipc/bus/ring.h"
#include "tests/schedule/scenario.h"

#define CHILDREN	3

static unsigned int	asked;

static void
begin(void)
{
	asked = 0;
}

static void
session(struct bus *b, int n)
{
	char	name[16];
	int	i;

	(void)snprintf(name, sizeof(name), "child %d", n);
	scenario_gate(name);
	for (i = 0; i < 2; i++) {
		asked++;
		if (child_table_count() != (uint32_t)n)
			schedule_fail("child %d of the parent counts %u", n,
			    child_table_count());
		(void)ring_head(b);
	}
	for (;;)
		scenario_sleep(-1);
}

static void
judge(void)
{
	if (asked != 2 * CHILDREN)
		schedule_fail("not all have counted");
}

const struct scenario scenario_own = {
	.name = "own",
	.about = "static objects are each process's own",
	.slots = 4,
	.ring = 1024,
	.clients = CHILDREN,
	.steps = 10000,
	.begin = begin,
	.session = session,
	.judge = judge
};
