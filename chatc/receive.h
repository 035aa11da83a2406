/* SPDX-License-Identifier: ISC */

/*
 * The server's lines.
 */
#ifndef CHATC_RECEIVE_H
#define CHATC_RECEIVE_H

#include <stddef.h>
#include <stdint.h>

#include "chatc/link.h"
#include "ipc/common/event.h"

#define RECEIVE_EXCERPT_SIZE	400

/*
 * Handle a line, without its LF; there is space to show it.  Only for
 * link_run.c, in LINK_REPLAY and LINK_LIVE.
 */
void	 receive_line(struct link *l, const char *line, size_t len,
	    int64_t now);

/* For enter.c, which handles the lines before those. */

/* The beginning of a text as a string that is harmless on a terminal. */
const char *receive_excerpt(char dst[RECEIVE_EXCERPT_SIZE], const char *text,
	    size_t len);

/* Copy s[0..len) as a string, if it fits. */
void	 receive_keep(char *dst, size_t size, const char *s, size_t len);

/* The server ends the connection, which we did not request. */
void	 receive_dismissed(struct link *l, const struct event *ev, int64_t now);

/* Show a notice of the server's in our own words. */
void	 receive_show(struct link *l, const char *text, size_t len);

#endif
