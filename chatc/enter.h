/* SPDX-License-Identifier: ISC */

/*
 * Coming into the room.
 */
#ifndef CHATC_ENTER_H
#define CHATC_ENTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chatc/link.h"

/*
 * Do what the line, without its LF, means before we are in the room.  Only
 * for receive.c, in LINK_GREET and LINK_ENTER.
 */
void	 enter_line(struct link *l, const char *line, size_t len, int64_t now);

/*
 * In LINK_GREET: whether what has come is the beginning of something else
 * than a greeting, which then ends this attempt and is told.
 */
bool	 enter_is_foreign(struct link *l, int64_t now);

#endif
