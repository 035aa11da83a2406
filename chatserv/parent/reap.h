/* SPDX-License-Identifier: ISC */

/*
 * Reaping children, recovering what they left, and announcing their deaths.
 * Private to the parent.
 */
#ifndef CHATSERV_REAP_H
#define CHATSERV_REAP_H

#include "ipc/bus/bus.h"

/*
 * Reap all children that have died, and recover what they left on b.  Call
 * it after SIGCHLD and before the next fork.
 */
void	 reap_children(struct bus *b);

/*
 * Publish the leave of each session that died before it could do so itself.
 * Returns false if some are left because the lock was held or the ring had
 * no space: call it again soon.
 */
bool	 reap_announce_deaths(struct bus *b);

#endif
