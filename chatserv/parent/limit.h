/* SPDX-License-Identifier: ISC */

/*
 * How many clients there may be in all and from one address, and how often one
 * may join.  Private to the parent.
 */
#ifndef CHATSERV_LIMIT_H
#define CHATSERV_LIMIT_H

#include <sys/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "chatserv/common/address.h"

struct limit;			/* an address and its clients */

#define LIMIT_SPARE	8	/* places beyond the limits, at most */

/*
 * Allocate a table for so many clients in all, with so many spare places
 * beyond them, and for at most per_address from one address (0: no limit).
 * Exits if there is no memory.
 */
void	 limit_init(uint32_t clients, uint32_t spare, uint32_t per_address);

/*
 * Count a client from address, or if that is of no family one of user uid, on
 * a unix socket; unlimited is for a trusted peer, which speaks for many.  Sets
 * *why to NULL, or, if the place is a spare one, to the reason why the client
 * may only take over its older session, in words for the client.  Returns NULL
 * if not even a spare place is free; *why says so.
 */
struct limit *limit_acquire(const struct address *address, uid_t uid,
	    bool unlimited, const char **why);

/* A client of l has disconnected, from a spare place or another. */
void	 limit_release(struct limit *l, bool spare);

/* A client of l has taken over: its place is no longer a spare one. */
void	 limit_settle(struct limit *l);

/* How many clients there are, save those in spare places. */
uint32_t limit_clients(void);

/*
 * A client of l has connected at now, in ms, and wants to join.  Returns by
 * how many ms to delay that, which is 0 unless hundreds have connected from
 * its address in the last seconds, and never more than 10,000.
 */
int	 limit_hold(struct limit *l, uint64_t now);

#endif
