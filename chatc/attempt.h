/* SPDX-License-Identifier: ISC */

/*
 * Connections: made, given up, lost, and made again.  For link.c, enter.c and
 * receive.c.
 */
#ifndef CHATC_ATTEMPT_H
#define CHATC_ATTEMPT_H

#include <stdint.h>

#include "chatc/link.h"

/* Begin to dial; call attempt_ready() when dial_fd() is ready. */
void	 attempt_start(struct link *l, int64_t now);
void	 attempt_ready(struct link *l, int64_t now);

/* Handle time-outs in LINK_PAUSE, LINK_DIAL and LINK_REAP. */
void	 attempt_work(struct link *l, int64_t now);

/*
 * End the connection: with this status and reason; or as lost, or as never
 * made, which ends chatc, leads to another attempt, or does not matter because
 * everything was sent and nothing else was wanted.
 */
void	 attempt_succeed(struct link *l, int64_t now);
void	 attempt_fail(struct link *l, int64_t now, enum status status,
	    const char *why);
void	 attempt_lost(struct link *l, int64_t now, const char *why);

/* This address has no server: try the next one, or report a failed attempt. */
void	 attempt_no_greeting(struct link *l, int64_t now, const char *why);

#endif
