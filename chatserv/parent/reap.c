/* SPDX-License-Identifier: ISC */

/*
 * Reaping children, and recovering what they left.
 *
 * The parent recovers a dead session in the order that change.c and lock.c
 * need, after waitpid(2) and before the next fork: until then no other process
 * can have that pid.  Then it publishes the leave that the session could not
 * publish itself.  If the lock is held or the ring is full at that moment, the
 * announcement waits in a list, and the slot with it.
 *
 * Runs in the parent.
 */

#include <sys/wait.h>

#include "chatserv/common/log.h"
#include "chatserv/helper/logger.h"
#include "chatserv/helper/privsep.h"
#include "chatserv/parent/child_table.h"
#include "chatserv/parent/children.h"
#include "chatserv/parent/reap.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/wake.h"

#define ANNOUNCE_MS	10000	/* to wait for the lock and for space */

STAILQ_HEAD(children, child);

static struct children	 unannounced = STAILQ_HEAD_INITIALIZER(unannounced);

/* Free the slot for another client. */
static void
free_slot(struct bus *b, struct child *c)
{
	roster_close(b, c->slot);
	child_table_give_back(c);
}

bool
reap_announce_deaths(struct bus *b)
{
	struct child *c;

	while ((c = STAILQ_FIRST(&unannounced)) != NULL) {
		if (roster_announce_death(b, c->slot, "killed") == BUS_WAIT) {
			if (bus_now() < c->announce_until)
				return false;
			log_info("%s: cannot tell the room that it left",
			    c->peer);
		}
		STAILQ_REMOVE_HEAD(&unannounced, next);
		free_slot(b, c);
	}
	return true;
}

static void
log_death(const struct child *c, int status)
{
	int pid = (int)c->pid;

	if (!WIFSIGNALED(status))
		log_info("%s pid %d: died with status %d; recovered", c->peer,
		    pid, WEXITSTATUS(status));
	else if (WTERMSIG(status) == SIGSYS)
		log_info("%s pid %d: killed for a forbidden system call; "
		    "recovered", c->peer, pid);
	else
		log_info("%s pid %d: died of signal %d; recovered", c->peer,
		    pid, WTERMSIG(status));
}

static void
recover(struct bus *b, struct child *c, int status)
{
	bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	bool announced = !roster_recover(b, c->slot, c->pid, clean);

	if (!clean)
		log_death(c, status);
	limit_release(c->limit, c->spare);
	child_table_remove(c);
	if (announced) {
		free_slot(b, c);
	} else {
		c->announce_until = bus_now() + ANNOUNCE_MS;
		STAILQ_INSERT_TAIL(&unannounced, c, next);
	}
}

/*
 * A room goes on without a stopped session, but in a large one everybody
 * depends on the waker: kill it, and the parent forks another.  A session that
 * was stopped between its claim of a sleeper's bit and its signal would let
 * that one sleep whatever others publish: as after a death, wake everyone.
 */
static void
handle_stopped(struct bus *b, pid_t pid)
{
	if (privsep_is_helper(pid)) {
		log_info("the privileged helper was stopped");
	} else if (children_is_waker(pid)) {
		log_info("the waker was stopped: killed");
		(void)kill(pid, SIGKILL);
	} else if (child_table_find(pid) != NULL) {
		wake_recover(b);
	}
}

void
reap_children(struct bus *b)
{
	struct child	*c;
	pid_t		 pid;
	int		 status;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(status)) {
			handle_stopped(b, pid);
		} else if (children_is_waker(pid)) {
			children_waker_died();
		} else if ((c = child_table_find(pid)) != NULL) {
			recover(b, c, status);
		} else if (!logger_died(pid) && privsep_died(pid)) {
			log_info("the privileged helper died: at the end the "
			    "socket and the segment will stay");
		}
	}
}
