/* SPDX-License-Identifier: ISC */

/*
 * Searching a scenario for a schedule that fails, and showing it.
 *
 * A failure that was found at random has many choices that do not matter.  It
 * is shrunk as a fuzzer's input is (delta debugging: Zeller and Hildebrandt,
 * 2002): run again without half of them, a quarter, and so on, keeping each
 * shorter list that still fails.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/schedule/choice.h"
#include "tests/schedule/search.h"
#include "tests/schedule/trace.h"

#define LIST		(1 << 20)
#define DEVIATIONS	65536

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* How long the schedule without special choices is. */
static unsigned long
begin(struct search *r, const struct scenario *s)
{
	memset(r, 0, sizeof(*r));
	scenario_prepare(s);
	(void)choice_replay("");
	r->failed = scenario_run() == SCHEDULE_FAILED;
	r->schedules = 1;
	r->steps = schedule_steps();
	return schedule_steps();
}

void
search_seeds(struct search *r, const struct scenario *s, uint64_t first,
    unsigned long n, double seconds)
{
	double		begun = now();
	unsigned long	length = begin(r, s);

	for (r->seed = first; !r->failed; r->seed++) {
		if (n != 0 && r->schedules > n)
			break;
		if (seconds > 0 && r->schedules % 64 == 0 &&
		    now() - begun > seconds)
			break;
		choice_seed(r->seed, length);
		r->failed = scenario_run() == SCHEDULE_FAILED;
		r->steps += schedule_steps();
		r->schedules++;
		if (r->failed)
			break;
	}
	r->seconds = now() - begun;
}

void
search_every(struct search *r, const struct scenario *s, unsigned int bound,
    bool preemptions, double seconds)
{
	double begun = now();

	(void)begin(r, s);
	choice_every(bound, preemptions);
	while (!r->failed) {
		r->failed = scenario_run() == SCHEDULE_FAILED;
		r->steps += schedule_steps();
		r->schedules++;
		if (r->failed || (r->whole = !choice_next()))
			break;
		if (seconds > 0 && r->schedules % 64 == 0 &&
		    now() - begun > seconds)
			break;
	}
	r->seconds = now() - begun;
}

static bool
still_fails(const char *list)
{
	return choice_replay(list) && scenario_run() == SCHEDULE_FAILED;
}

/* Leave out n deviations from the first on; true if it still fails. */
static bool
try_without(size_t first, size_t n, char *list)
{
	static bool	leave_out[DEVIATIONS];
	static char	shorter[LIST];
	size_t		i;

	memset(leave_out, 0, sizeof(leave_out));
	for (i = first; i < first + n && i < DEVIATIONS; i++)
		leave_out[i] = true;
	choice_text(shorter, sizeof(shorter), leave_out);
	if (!still_fails(shorter))
		return false;
	choice_text(list, LIST, NULL);
	return true;
}

const char *
search_shrink(void)
{
	static char	list[LIST];
	size_t		n, size, first;
	bool		shorter = true;

	choice_text(list, sizeof(list), NULL);
	while (shorter) {
		shorter = false;
		n = choice_deviations();
		for (size = n; size > 0; size /= 2) {
			for (first = 0; first < n; first += size) {
				(void)still_fails(list);
				n = choice_deviations();
				if (try_without(first, size, list))
					shorter = true;
			}
		}
	}
	(void)still_fails(list);
	return list;
}

bool
search_show(const struct scenario *s, const char *list, bool as_diagram)
{
	enum schedule_end end;

	scenario_prepare(s);
	if (!choice_replay(list)) {
		(void)fprintf(stderr, "not a list of choices\n");
		return false;
	}
	trace_begin(true);
	end = scenario_run();
	if (as_diagram)
		trace_mermaid(stdout);
	else
		trace_table(stdout);
	trace_begin(false);
	return end == SCHEDULE_FAILED;
}
