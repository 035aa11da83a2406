/* SPDX-License-Identifier: ISC */

/*
 * Views: what a process knows of the order in which each location was
 * written.  An array has a stamp for each location, by its number; it knows
 * of the message with that stamp, and of all before it.
 */
#ifndef SCHEDULE_VIEW_H
#define SCHEDULE_VIEW_H

#include <stddef.h>
#include <stdint.h>

#define LOCATIONS	4096

/* One that never changes any more, so that many messages can share it. */
struct view {
	int	 n;
	int32_t	 stamp[];
};

/* How many locations there are so far. */
extern int view_size;

/* Forget all that view_copy() has made. */
void	 view_begin(void);

/* Add from to what `to` knows; from may be NULL. */
void	 view_add_array(int32_t *to, const int32_t *from);
void	 view_add(int32_t *to, const struct view *from);

struct view *view_copy(const int32_t *from);

/* What both know, of which each may be NULL: one of them, if that will do. */
const struct view *view_both(const struct view *a, const struct view *b);

#endif
