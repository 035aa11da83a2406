/* SPDX-License-Identifier: ISC */

/*
 * What the server says.
 */
#ifndef CHATC_HEAR_H
#define CHATC_HEAR_H

#include <stddef.h>
#include <stdint.h>

#include "chatc/link.h"

/*
 * Do what the line, without its LF, means; there is room to show it.  Only
 * for link.c, in a phase from PHASE_GREET to PHASE_LIVE.
 */
void	 hear_line(struct link *l, const char *line, size_t len, int64_t now);

#endif
