/* SPDX-License-Identifier: ISC */

/*
 * Locations: the messages of each, in the order of its stores.
 */
#ifndef SCHEDULE_LOCATION_H
#define SCHEDULE_LOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/schedule/memory.h"
#include "tests/schedule/view.h"

#define LOCATION_KEPT	16	/* messages; older ones are forgotten */

struct message {
	uint64_t	 value;
	const struct view *view;	/* what it passes on; may be NULL */
	int32_t		 stamp;		/* its place in modification order */
	bool		 attached;	/* nothing may come before it */
};

struct location {
	void		*at;
	size_t		 size;
	int		 number;	/* by which views know it */
	unsigned int	 schedule;	/* in which it was last touched */
	int		 n;
	struct message	 message[LOCATION_KEPT];
	/* By process: what its last release store here passed on. */
	const struct view *released[MEMORY_PROCESSES];
};

/* Reset, to the present contents of memory. */
void	 location_begin(void);

/* Forget which locations there are. */
void	 location_clear(void);

/* The location at p; its number is the same in all schedules. */
struct location *location_find(const volatile void *p, size_t size);

/* Whether a message can come between the i-th and the next. */
bool	 location_has_space(const struct location *l, int i);

/*
 * Insert a message behind the i-th, with a stamp between those of its
 * neighbours.  Once it is filled in, location_written() updates the memory,
 * which always holds the newest value.
 */
struct message *location_insert(struct location *l, int i);
void	 location_written(const struct location *l);

/* A new process has released nothing. */
void	 location_forget(int who);

#endif
