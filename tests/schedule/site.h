/* SPDX-License-Identifier: ISC */

/*
 * The atomic accesses in the source: where each stands, and its kind.
 */
#ifndef SCHEDULE_SITE_H
#define SCHEDULE_SITE_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>

/* An access in the source, one object for each; the shim defines them. */
struct site {
	/* Aligned, or the linker would leave gaps in the array. */
	alignas(64) const char *file;
	const char	*function;
	const char	*how;		/* load, store, fetch_add ..., fence */
	const char	*what;		/* the object; "" of a fence */
	const char	*operand;	/* NULL if there is none */
	int		 line;
	/* Each a memory_order, the other for a comparison that fails. */
	int		 order, failed;
	bool		 reached;	/* by a schedule */
	bool		 unlocked;	/* by one without the lock */
};

#define SITE_NO_FENCE	0	/* order of a fence: relaxed, so it is none */

/* In the order of enum memory_order. */
extern const char *const site_order_name[];

/*
 * A line for each access of production: whether any schedule made it, and
 * whether all that did had the lock.
 */
void	 site_list(FILE *to);

/*
 * Make that access weaker by one step: seq_cst becomes acquire, release or
 * both, and these become relaxed.  A relaxed fence is no fence; "NAME away"
 * does that to any.  False if no access has that name, or it is relaxed
 * already.
 */
bool	 site_weaken(const char *name);

#endif
