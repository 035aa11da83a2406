/* SPDX-License-Identifier: ISC */

/*
 * Views: what a process knows of each location's modification order.  An array
 * has a stamp for each location, by its number; its owner knows the message
 * with that stamp, and all before it.
 */
#ifndef SCHEDULE_VIEW_H
#define SCHEDULE_VIEW_H

#include <stddef.h>
#include <stdint.h>

#define LOCATIONS	4096

/* An immutable view, so that many messages can share it. */
struct view {
	int	 n;
	int32_t	 stamp[];
};

/* How many locations there are so far. */
extern int view_size;

/* Free all that view_copy() has allocated. */
void	 view_begin(void);

/* Add from to what `to` knows; from may be NULL. */
void	 view_add_array(int32_t *to, const int32_t *from);
void	 view_add(int32_t *to, const struct view *from);

struct view *view_copy(const int32_t *from);

/* The union of both, either of which may be NULL; one of them if it equals. */
const struct view *view_both(const struct view *a, const struct view *b);

#endif
