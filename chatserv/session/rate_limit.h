/* SPDX-License-Identifier: ISC */

/*
 * The rate limit of a session: a leaky bucket.
 */
#ifndef CHATSERV_RATE_LIMIT_H
#define CHATSERV_RATE_LIMIT_H

#include <stddef.h>

#include "ipc/bus/bus.h"

/* A session's account; all 0 at its start. */
struct rate_limit {
	uint64_t	debt;		/* bytes published while others talk */
	uint64_t	seen;		/* when it was computed, in ms */
	uint64_t	others;		/* when others talked; 0: never */
	uint64_t	head;		/* where this session left it */
};

/*
 * The ms to wait before this session publishes its batch; 0: none.  Ask again
 * then.  Never more than a quarter of a second.
 */
int	 rate_limit_wait(struct rate_limit *t, const struct bus *b);

/*
 * The session has published len bytes, after rate_limit_wait() has returned 0.
 */
void	 rate_limit_charge(struct rate_limit *t, const struct bus *b,
	    size_t len);

#endif
