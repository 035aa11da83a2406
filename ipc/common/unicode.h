/* SPDX-License-Identifier: ISC */

/*
 * Properties of characters.
 */
#ifndef IPC_UNICODE_H
#define IPC_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters from first to last. */
struct unicode_range {
	uint32_t first, last;
};

/* Whether cp is in one of the n ranges of table, which are in order. */
bool	 unicode_within(uint32_t cp, const struct unicode_range *table,
	    size_t n);

/*
 * Whether cp looks like nothing or like a space, or differs between systems:
 * white space, control and format characters, what fonts may omit, private
 * use, and what is no character.
 */
bool	 unicode_is_blank(uint32_t cp);

/* Whether cp combines with the character before it. */
bool	 unicode_is_mark(uint32_t cp);

#endif
