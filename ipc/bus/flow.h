/* SPDX-License-Identifier: ISC */

/*
 * How publishers and readers keep pace: nobody who reads is overwritten,
 * and nobody is waited for for long.
 */
#ifndef IPC_FLOW_H
#define IPC_FLOW_H

#include <stddef.h>

#include "ipc/bus/bus.h"
#include "ipc/bus/ring.h"

/*
 * Whether len bytes may be appended now: 0 if they may; else the ms after
 * which to try again, unless this session is woken before.  Under the
 * lock.
 */
int	 flow_space(struct bus *b, size_t len);

/*
 * Begin to read at r, or begin again after lagging: publishers wait for
 * this session.  Under the lock, so that none has passed r meanwhile.
 */
void	 flow_follow(struct bus *b, const struct reader *r);

/*
 * Say how far this session has read, so that publishers wait for it no
 * longer than they must, and wake those for whom it made room.
 */
void	 flow_passed(struct bus *b, const struct reader *r);

#endif
