/* SPDX-License-Identifier: ISC */

/*
 * Joining the room.
 */
#ifndef CHATC_ENTER_H
#define CHATC_ENTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chatc/link.h"

/*
 * Handle a line, without its LF, that arrives before we are in the room.  Only
 * for receive.c, in LINK_GREET and LINK_ENTER.
 */
void	 enter_line(struct link *l, const char *line, size_t len, int64_t now);

/*
 * In LINK_GREET: whether what has arrived cannot begin a greeting; if so,
 * report it and end this attempt.
 */
bool	 enter_is_foreign(struct link *l, int64_t now);

#endif
