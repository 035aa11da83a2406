/* SPDX-License-Identifier: ISC */

/*
 * What the views of chatstat(1) share.
 */
#ifndef CHATSTAT_H
#define CHATSTAT_H

#include <stddef.h>

#include "ipc/bus/bus.h"

/*
 * Make the string src, of at most max bytes, fit for a terminal: a session
 * that was taken over may have written anything.  dst has space for
 * 4 * max + 1 bytes; returns dst.
 */
const char *visible(char *dst, const char *src, size_t max);

/*
 * Show what the processes of the room called name wait for, and the ring as a
 * bar, in so many columns, and so many rows of sessions at most.
 */
void	 lecture_show(const struct bus *b, const char *name,
	    unsigned int columns, unsigned int rows);

/* The lines of lecture_show() that are no sessions'. */
#define LECTURE_HEAD	7

#endif
