/* SPDX-License-Identifier: ISC */

/*
 * Watching how long one process holds the lock.
 *
 * A process that dies in the lock is reaped, and the lock recovered.  One
 * that is stopped in the lock, by a signal or a debugger, stays there and
 * stops every writer.  So writers that have waited a second for one hold
 * signal the parent, which kills the owner if the same hold lasts another.
 *
 * Runs in the parent.
 */

#include <signal.h>

#include "chatserv/common/log.h"
#include "chatserv/parent/child_table.h"
#include "chatserv/parent/lock_watch.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/wake.h"

#define HOLD_MS		1000	/* after the waiter's second */

static uint64_t		 hold_seen, hold_until;	/* of a lock held long */

/* If the owner is no session, a session has forged the word. */
static void
end_hold(struct bus *b, pid_t owner)
{
	struct child *c = child_table_find(owner);

	if (c != NULL) {
		log_info("%s pid %d: stopped with the lock: killed", c->peer,
		    (int)owner);
		(void)kill(owner, SIGKILL);
	} else {
		log_info("pid %d: held the lock and is no session; recovered",
		    (int)owner);
		lock_recover(b, owner);
		wake_recover(b);
	}
}

uint64_t
lock_watch(struct bus *b, bool asked)
{
	uint64_t	 hold, now = bus_now();
	pid_t		 owner;

	hold = lock_hold(b, &owner);
	if (hold == 0 || hold != hold_seen) {
		hold_until = hold != 0 && asked ? now + HOLD_MS : 0;
		hold_seen = hold_until == 0 ? 0 : hold;
	} else if (hold_until != 0 && now >= hold_until) {
		hold_until = 0;
		end_hold(b, owner);
	}
	return hold_until;
}
