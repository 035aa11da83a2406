/* SPDX-License-Identifier: ISC */

/*
 * The names in the room, for completion.
 */
#ifndef CHATC_NAMES_H
#define CHATC_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/common/event.h"

#define NAMES_MAX	1000
#define NAMES_SIZE	40

struct names {
	char	name[NAMES_MAX][NAMES_SIZE];
	size_t	count;
};

/* Learn from ev who joined, left, or was renamed. */
void	 names_learn(struct names *names, const struct event *ev);

/*
 * Complete the beginning start[0..len) of a name, ASCII letters in either
 * case.  Returns how many names match; writes what they have in common to dst,
 * which has space for NAMES_SIZE bytes, and its length to *n.
 */
size_t	 names_complete(const struct names *names, const char *start,
	    size_t len, char *dst, size_t *n);

/* Write the names that match to dst, with blanks between; cut to size. */
void	 names_list(const struct names *names, const char *start, size_t len,
	    char *dst, size_t size);

#endif
