/* SPDX-License-Identifier: ISC */

/*
 * Text in the columns of a terminal, with continuation rows that are indented.
 */
#ifndef CHATC_WRAP_H
#define CHATC_WRAP_H

#include <stdbool.h>
#include <stddef.h>

/* The most bytes that wrap_put() makes of n. */
#define WRAP_MAX(n)	(4 * (n) * 2 + 16)

struct wrap {
	size_t	columns;	/* of the window; 0: it is none */
	size_t	at;		/* columns used in the row */
	bool	ascii;		/* show other bytes as \ooo */
};

/*
 * Copy printable text src[0..len) to dst, continuing the row where the last
 * call ended.  Returns the bytes written.
 */
size_t	 wrap_put(struct wrap *w, char *dst, const char *src, size_t len);

#endif
