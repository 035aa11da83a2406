/* SPDX-License-Identifier: ISC */

/*
 * Connections: made, given up, lost, and made again.  For link.c and those who
 * hear for it.
 */
#ifndef CHATC_ATTEMPT_H
#define CHATC_ATTEMPT_H

#include <stdint.h>

#include "chatc/link.h"

/* Begin to dial; go on when dial_fd() is ready. */
void	 attempt_start(struct link *l, int64_t now);
void	 attempt_ready(struct link *l, int64_t now);

/* See to the time, in LINK_PAUSE, LINK_DIAL and LINK_REAP. */
void	 attempt_mind(struct link *l, int64_t now);

/*
 * It is over: well, or not, and why.  Lost, or never made: then it is the
 * end, a new attempt, or of no importance because everything is said and
 * nothing more was wanted.
 */
void	 attempt_succeed(struct link *l, int64_t now);
void	 attempt_fail(struct link *l, int64_t now, enum status status,
	    const char *why);
void	 attempt_lost(struct link *l, int64_t now, const char *why);

/* This address has no server: try the next, or lose what there never was. */
void	 attempt_no_greeting(struct link *l, int64_t now, const char *why);

#endif
