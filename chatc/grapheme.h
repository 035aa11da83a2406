/* SPDX-License-Identifier: ISC */

/*
 * Characters as people see them: what one key moves over and deletes.
 */
#ifndef CHATC_GRAPHEME_H
#define CHATC_GRAPHEME_H

#include <stddef.h>

/*
 * The length in bytes of the character that begins s[0..len); 0 only if len
 * is.  Stores in *cells how many columns of a terminal it occupies.  A byte
 * that is not UTF-8 is a character.
 */
size_t	 grapheme_next(const char *s, size_t len, size_t *cells);

/*
 * Where in s[0..len) the character begins that ends at, or contains, offset
 * at.
 */
size_t	 grapheme_before(const char *s, size_t len, size_t at);

/* The columns that s[0..len) occupies. */
size_t	 grapheme_cells(const char *s, size_t len);

#endif
