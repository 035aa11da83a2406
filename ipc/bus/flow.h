/* SPDX-License-Identifier: ISC */

/*
 * Flow control: nobody who keeps reading is overwritten, and nobody else is
 * waited for for long.
 */
#ifndef IPC_FLOW_H
#define IPC_FLOW_H

#include <stddef.h>

#include "ipc/bus/bus.h"

#define FLOW_RATE	32	/* bytes a ms by which a reader keeps up: R */
#define STALL_MS	1000	/* the room's budget for those below it ... */
#define STALL_SPAN	10000	/* ... in any so many ms */

/*
 * Whether len bytes may be appended now: 0 if they may; else the ms after
 * which to try again, unless this session is woken before.  Under the
 * lock.
 */
int	 flow_space(struct bus *b, size_t len);

/*
 * A session begins to read at r.  Writers wait for it from now on if no
 * more than half a ring lies before r, else when that has come true.  Under
 * the lock, so that none has passed r meanwhile.
 */
void	 flow_follow(struct bus *b, const struct reader *r);

/*
 * The same for one that takes over from the slot `older`: it inherits that
 * one's account, and writers wait for `older` no more.  Under the lock.
 */
void	 flow_succeed(struct bus *b, uint32_t older,
	    const struct reader *r);

/*
 * Say how far this session has read, so that writers wait for it no longer
 * than they must, and wake those for whom it made room.  At BUS_NOT_READING
 * it has stopped.  For the session, without the lock.
 */
void	 flow_passed(struct bus *b, const struct reader *r);

#endif
