/* SPDX-License-Identifier: ISC */

/*
 * Properties of characters.
 */
#ifndef IPC_UNICODE_H
#define IPC_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether cp shows as nothing or as a space, or does not mean the same
 * everywhere: white space, control and format characters, what fonts may
 * leave out, private use, and what is no character.
 */
bool	 unicode_is_blank(uint32_t cp);

/* Whether cp combines with the character before it. */
bool	 unicode_is_mark(uint32_t cp);

#endif
