/* SPDX-License-Identifier: ISC */

/*
 * The lock: writers acquire and release it, one of them may be killed at any
 * step, and the parent recovers the lock, as shipped.
 */

#include <stdio.h>
#include <string.h>

#include "ipc/bus/lock.h"
#include "ipc/bus/ring.h"
#include "tests/schedule/scenario.h"

#define WRITERS	2
#define ROUNDS	2

static pid_t	 holder;	/* 0: none */
static int	 taken;

static void
begin(void)
{
	holder = 0;
	taken = 0;
}

static void
session(struct bus *b, int n)
{
	char	name[16];
	int	i;

	(void)snprintf(name, sizeof(name), "writer %d", n);
	scenario_gate(name);
	for (i = 0; i < ROUNDS; i++) {
		if (!lock_acquire(b))
			return;
		if (holder != 0 && scenario_lives(holder))
			schedule_fail("two hold the lock");
		holder = b->pid;
		taken++;
		(void)ring_head(b);
		holder = 0;
		lock_release(b);
	}
}

static void
judge(void)
{
	const struct segment *p = scenario_bus.segment;

	if ((memory_newest(&p->owner, 8) & UINT32_MAX) != 0)
		schedule_fail("nobody alive holds the lock");
}

const struct scenario scenario_lock = {
	.name = "lock",
	.about = "two writers acquire the lock twice; one may be killed",
	.slots = 2,
	.ring = 1024,
	.clients = WRITERS,
	.kills = 1,
	.mortals = SESSIONS,
	.steps = 20000,
	.begin = begin,
	.session = session,
	.judge = judge
};
