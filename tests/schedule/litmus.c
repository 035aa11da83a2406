/* SPDX-License-Identifier: ISC */

/*
 * Runs the litmus tests: exhaustively over all schedules and all choices of
 * the memory, so that an outcome not seen cannot occur.
 */

#include <stdio.h>
#include <string.h>

#include "tests/schedule/choice.h"
#include "tests/schedule/litmus.h"
#include "tests/schedule/memory.h"
#include "tests/schedule/schedule.h"

#define NO_BOUND	1000

struct litmus_shared	 litmus_shared;
uint32_t		 litmus_saw[8];

static bool
is_over(bool stopped)
{
	(void)stopped;
	return true;
}

static const struct litmus *running;

static void
run_thread(void)
{
	running->thread[process_now->number]();
	schedule_exit(0);
}

/* Its threads are processes without a parent. */
static void
begin(const struct litmus *test)
{
	struct process	*p;
	int		 i;

	running = test;

	memset(&litmus_shared, 0, sizeof(litmus_shared));
	memset(litmus_saw, 0xff, sizeof(litmus_saw));
	memory_begin();
	for (i = 0; i < PROCESSES; i++)
		process[i].state = PROCESS_NONE;
	for (i = 0; i < LITMUS_THREADS && test->thread[i] != NULL; i++) {
		p = process_new(run_thread);
		p->pid = i + 2;
		p->parent = -1;
	}
}

/* How many of all schedules end in the outcome. */
static unsigned long
count(const struct litmus *test, unsigned long *schedules)
{
	static const struct schedule_rules rules = { .quiet = is_over,
	    .steps = 1000 };
	unsigned long n = 0;

	*schedules = 0;
	choice_every(NO_BOUND, false);
	do {
		begin(test);
		(void)schedule_run(&rules, true);
		++*schedules;
		n += test->outcome();
	} while (choice_next());
	return n;
}

int
litmus_run(bool quiet)
{
	static const char *const word[] = { "never", "sometimes",
	    "allowed, not shown" };
	const struct litmus *test;
	unsigned long	 n, schedules;
	int		 wrong = 0;
	size_t		 i;

	memory_add(&litmus_shared, sizeof(litmus_shared));
	for (i = 0; i < litmus_count; i++) {
		test = &litmus_tests[i];
		n = count(test, &schedules);
		if ((n > 0) == (test->verdict == SOMETIMES)) {
			if (!quiet)
				(void)printf("ok - %s: %s%s%s (%lu of %lu)\n",
				    test->name, word[test->verdict],
				    test->why == NULL ? "" : ", ",
				    test->why == NULL ? "" : test->why, n,
				    schedules);
			continue;
		}
		wrong++;
		(void)printf("not ok - %s: %lu of %lu schedules show it, "
		    "should be: %s\n", test->name, n, schedules,
		    word[test->verdict]);
	}
	return wrong;
}
