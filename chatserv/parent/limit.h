/* SPDX-License-Identifier: ISC */

/*
 * How many clients in all and from one address, and how often.
 * Private to the parent.
 */
#ifndef CHATSERV_LIMIT_H
#define CHATSERV_LIMIT_H

#include <sys/socket.h>
#include <sys/types.h>
#include <stdbool.h>
#include <stdint.h>

struct limit;			/* an address that is counted */

#define LIMIT_SPARE	8	/* places beyond the limits, at most */

/*
 * Allocate a table for so many clients in all, with so many spare places
 * beyond them, and for at most per_address from one address (0: as many as
 * there are).  Exits if there is no memory.
 */
void	 limit_init(uint32_t clients, uint32_t spare, uint32_t per_address);

/*
 * Count a client from sa, or on a unix socket one of user uid; unlimited is a
 * trusted peer, which speaks for many.  *why is NULL then, or if the place is
 * a spare one, why it may only take its older self over, in words for the
 * client.  NULL if not even that is free; *why says so.
 */
struct limit *limit_acquire(const struct sockaddr *sa, uid_t uid,
	    bool unlimited, const char **why);

/* A client of l has gone, from a spare place or another. */
void	 limit_release(struct limit *l, bool spare);

/* A client of l has taken over: its place is no spare one any more. */
void	 limit_settle(struct limit *l);

/* How many clients there are, save those in spare places. */
uint32_t limit_clients(void);

/*
 * A client of l has connected at now, in ms, and wants to join.  Returns for
 * how many ms it is to wait with that, which is 0 unless hundreds have come
 * from its address in the last seconds, and never more than 10,000.
 */
int	 limit_hold(struct limit *l, uint64_t now);

#endif
