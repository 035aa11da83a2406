/* SPDX-License-Identifier: ISC */

/*
 * What the views of chatstat(1) share.
 */
#ifndef CHATSTAT_H
#define CHATSTAT_H

#include <stddef.h>

#include "ipc/bus/bus.h"

/* Print a line, on a terminal no longer than its row. */
void	 put_line(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));

/* Cut text to the width of its column, if this is a terminal; returns it. */
const char *fit(char *text, int width);

/* Print who holds the lock, who waits for it, and what the waker does. */
void	 show_lock(const struct bus *b);

/*
 * Make the string src, of at most max bytes, fit for a terminal: a session
 * that was taken over may have written anything.  dst has space for
 * 4 * max + 1 bytes; returns dst.
 */
char	*visible(char *dst, const char *src, size_t max);

/*
 * Show what the processes of the room called name wait for, and the ring as a
 * bar, in so many columns, and so many rows of sessions at most.
 */
void	 lecture_show(const struct bus *b, const char *name,
	    unsigned int columns, unsigned int rows);

/* The lines of lecture_show() that are no sessions', and of the cursor's. */
#define LECTURE_HEAD	7

#endif
