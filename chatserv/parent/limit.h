/* SPDX-License-Identifier: ISC */

/*
 * How many clients from one address, and how often.  The parent's alone.
 */
#ifndef CHATSERV_LIMIT_H
#define CHATSERV_LIMIT_H

#include <sys/socket.h>
#include <sys/types.h>
#include <stdbool.h>
#include <stdint.h>

struct limit;			/* an address that is counted */

/*
 * Make the books for so many clients in all, and at most per_address from
 * one address (0: as many as there are).  Exits if there is no memory.
 */
void	 limit_init(uint32_t clients, uint32_t per_address);

/*
 * Count a client from sa, or on a unix socket one of user uid; NULL if
 * there are too many, unless this one is unlimited: a trusted peer, which
 * speaks for many.  Each success is undone by one limit_release().
 */
struct limit *limit_acquire(const struct sockaddr *sa, uid_t uid,
	    bool unlimited);
void	 limit_release(struct limit *l);

/*
 * A client of l has connected at now, in ms, and wants to join.  Returns for
 * how many ms it is to wait with that, which is 0 unless hundreds have come
 * from its address in the last seconds, and never more than 10,000.
 */
int	 limit_hold(struct limit *l, uint64_t now);

#endif
