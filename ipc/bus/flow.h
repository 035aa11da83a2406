/* SPDX-License-Identifier: ISC */

/*
 * Flow control: writers wait for readers that keep reading, and do not wait
 * long for any other.
 */
#ifndef IPC_FLOW_H
#define IPC_FLOW_H

#include <stddef.h>

#include "ipc/bus/bus.h"

#define FLOW_RATE	32	/* bytes a ms that a reader must read: R */
#define STALL_MS	1000	/* the room's budget for those below it ... */
#define STALL_SPAN	10000	/* ... in any so many ms */

/*
 * Returns 0 if the writer may append len bytes now; else the ms after which it
 * tries again, unless a reader wakes it earlier.  Under the lock.
 */
int	 flow_space(struct bus *b, size_t len);

/*
 * A session begins to read at r.  Writers wait for it as soon as r is at most
 * half a ring behind head.  Under the lock, so that no writer passes r
 * meanwhile.
 */
void	 flow_follow(struct bus *b, const struct reader *r);

/*
 * The same for a session that takes over from the slot `older`: it inherits
 * that slot's account, less what only fills its own buffer, and writers no
 * longer wait for `older`.  Under the lock.
 */
void	 flow_succeed(struct bus *b, uint32_t older,
	    const struct reader *r);

/*
 * Publish this session's cursor, and wake the writers for which it has made
 * space.  BUS_NOT_READING says that the session has stopped reading.  For the
 * session, without the lock.
 */
void	 flow_passed(struct bus *b, const struct reader *r);

#endif
