/* SPDX-License-Identifier: ISC */

/*
 * Text as people see it: UTF-8, and making the invisible visible.
 */
#ifndef IPC_TEXT_H
#define IPC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_NAME_MAX	32	/* bytes in a name */
#define TEXT_HOST_MAX	8	/* and in the host of another room's name */
#define TEXT_SPEAKER_MAX (2 * TEXT_NAME_MAX + 1)	/* of any speaker */

/* Whether s[0..len) begins with this string; whether it is this string. */
bool	 text_begins(const char *s, size_t len, const char *with);
bool	 text_is(const char *s, size_t len, const char *string);

/*
 * Decode the character at s[0..len).  Returns its length in bytes and
 * stores its code point; returns 0 and leaves *cp alone if len is 0 or the
 * bytes are not UTF-8 (overlong forms and surrogates are not).
 */
size_t	 text_decode(const char *s, size_t len, uint32_t *cp);

/*
 * The longest prefix of s[0..len) of at most max bytes that does not cut a
 * character in two.  Never 0 unless len or max is: bytes that are not UTF-8
 * may be cut anywhere.
 */
size_t	 text_cut(const char *s, size_t len, size_t max);

/*
 * Copy src[0..len) to dst, with every byte of what is not printable text
 * (control characters but tab, bytes that are not UTF-8, characters that hide
 * or reorder text) as \ooo, as in vis(3).  dst has space for 4 * len bytes; no
 * NUL ends it.  Returns the bytes written.
 */
size_t	 text_visible(char *dst, const char *src, size_t len);

/*
 * Why name[0..len) may not be a name in the room; NULL if it may.  The reason
 * is a constant string that fits after "that name ".
 */
const char *text_name_error(const char *name, size_t len);

/*
 * Whether name[0..len) is SPEAKER/HOST, as a link to another room calls those
 * who speak there.  SPEAKER is a name, one with a slash and a number, or one
 * that text_is_outside().  HOST is at most TEXT_HOST_MAX lower-case letters,
 * digits and "-", and begins with a letter, so it cannot be such a number.
 */
bool	 text_is_remote(const char *name, size_t len);

/*
 * Whether name[0..len) is NAME* or NAME*LOGIN, a client that speaks from
 * outside the room; no other name has a *.
 */
bool	 text_is_outside(const char *name, size_t len);

#endif
