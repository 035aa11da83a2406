/* SPDX-License-Identifier: ISC */

/*
 * Properties of characters.
 */
#ifndef IPC_UNICODE_H
#define IPC_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters from the first to the last. */
struct unicode_range {
	uint32_t first, last;
};

/* Whether one of the n ranges of table, which is in order, has cp. */
bool	 unicode_within(uint32_t cp, const struct unicode_range *table,
	    size_t n);

/*
 * Whether cp shows as nothing or as a space, or does not mean the same
 * everywhere: white space, control and format characters, what fonts may
 * leave out, private use, and what is no character.
 */
bool	 unicode_is_blank(uint32_t cp);

/* Whether cp combines with the character before it. */
bool	 unicode_is_mark(uint32_t cp);

#endif
