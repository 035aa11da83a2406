/* SPDX-License-Identifier: ISC */

/*
 * Searching a scenario for a schedule that fails, and showing that.
 */
#ifndef SCHEDULE_SEARCH_H
#define SCHEDULE_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/schedule/scenario.h"

/* The result of a search. */
struct search {
	unsigned long	 schedules, steps;
	double		 seconds;
	bool		 failed;
	bool		 whole;		/* all schedules were run */
	uint64_t	 seed;		/* that failed */
};

/*
 * Search by seeds from first on, until so many or so many seconds (0: no
 * limit); or all schedules within a bound.  Ends at the first failure.
 */
void	 search_seeds(struct search *r, const struct scenario *s,
	    uint64_t first, unsigned long n, double seconds);
void	 search_every(struct search *r, const struct scenario *s,
	    unsigned int bound, bool preemptions, double seconds);

/*
 * Make the list of choices of the schedule that has just failed as short as
 * possible, and return it.
 */
const char *search_shrink(void);

/* Run it again and show it; false if it does not fail. */
bool	 search_show(const struct scenario *s, const char *list,
	    bool as_diagram);

#endif
