/* SPDX-License-Identifier: ISC */

/*
 * Earlier lines, to recall.
 */
#ifndef CHATC_PAST_H
#define CHATC_PAST_H

#include <stdbool.h>
#include <stddef.h>

#define PAST_SIZE	(32 * 1024)

struct past {
	char	buf[PAST_SIZE];	/* the lines, each with a LF */
	size_t	len;
	size_t	at;		/* the one recalled; len: none */
};

/* Start with a zeroed struct.  Add a line, forgetting the oldest. */
void	 past_add(struct past *p, const char *line, size_t len);

/*
 * Go to the line before or after the recalled one; false if there is none.
 * After the last comes none, with *line NULL.
 */
bool	 past_up(struct past *p, const char **line, size_t *len);
bool	 past_down(struct past *p, const char **line, size_t *len);

#endif
