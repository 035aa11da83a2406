/* SPDX-License-Identifier: ISC */

/*
 * How many clients from one address.  The parent's alone.
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

#endif
