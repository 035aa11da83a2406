/* SPDX-License-Identifier: ISC */

/*
 * The parent's children: forking sessions and the waker.
 *
 * A child closes what it inherited from the parent, gives up its privileges,
 * and runs a session or the waker; it never returns.  Children detect the
 * parent's end by the end of a pipe whose write end only the parent holds.
 * reap.c has what the parent does when a child dies.
 *
 * Runs in the parent; become_child() and run_session() in a new child.
 */

#include <errno.h>
#include <string.h>

#include "chatserv/common/deny.h"
#include "chatserv/common/log.h"
#include "chatserv/helper/privsep.h"
#include "chatserv/helper/waker.h"
#include "chatserv/parent/child_table.h"
#include "chatserv/parent/children.h"
#include "chatserv/parent/limit.h"
#include "chatserv/parent/privilege.h"
#include "chatserv/session/session.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/wake.h"
#include "ipc/common/bsd.h"

#define FEW_SLOTS	8	/* few are unused: fewer than one of so many */
#define HASTE		12	/* what part of naming_ms a client gets then */

static const struct parent_options *opt;
static void		(*leave_parent)(void);
static pid_t		 waker;		/* 0: none */
static int		 pipe_fd[2];
static bool		 ending;	/* the waker has been told to end */

static bool
is_ours(pid_t pid)
{
	return pid == waker || child_table_find(pid) != NULL;
}

void
children_init(const struct parent_options *o, void (*leave)(void))
{
	opt = o;
	leave_parent = leave;
	if (pipe(pipe_fd) == -1)
		fatal("pipe");
	child_table_init(opt->slots);
	limit_init(opt->clients, opt->slots - opt->clients, opt->per_address);
	opt->bus->is_ours = is_ours;
}

/*
 * Every child calls this first.  A key pressed at the terminal signals the
 * whole process group, and only the parent decides what that means.
 */
static void
become_child(void)
{
	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGUSR2, SIG_IGN);
	(void)signal(SIGINFO, SIG_IGN);
	(void)close(pipe_fd[1]);
	(void)close(opt->bus->fd);
	opt->bus->is_ours = NULL;
	deny_seal();
	leave_parent();
}

int
children_start_waker(void)
{
	pid_t pid;

	if (waker != 0 || ending)
		return 0;
	switch (pid = fork()) {
	case -1:
		return -1;
	case 0:
		become_child();
		privsep_close();
		/* The parent decides when it ends. */
		(void)signal(SIGTERM, SIG_IGN);
		opt->bus->pid = getpid();
		privilege_child(-1);
		setproctitle("waker of port %u", opt->port);
		waker_run(opt->bus, pipe_fd[0]);
		_exit(0);
	default:
		waker = pid;
		wake_new_waker(opt->bus, pid);
		return 0;
	}
}

void
children_waker_died(void)
{
	if (!ending)
		log_info("the waker died; recovered");
	waker = 0;
	atomic_store(&opt->bus->segment->waker, 0);
}

/* The body of a child that is a session. */
static void
run_session(uint32_t slot, const struct peer *from, int hold_ms, int fd)
{
	struct bus	*b = opt->bus;
	struct peer	 peer = *from;

	peer.hold_ms = hold_ms;
	become_child();
	roster_enter(b, slot);
	peer.per_address = opt->per_address;
	setproctitle("%s", peer.name);
	peer_find_login(&peer);
	privsep_close();
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		fatal("cannot make a client's socket non-blocking");
	privilege_child(fd);
	log_debug("%s pid %d: connected", peer.name, (int)b->pid);
	session_run(b, fd, pipe_fd[0], &peer, opt->naming_ms);
	_exit(0);
}

/*
 * While few slots are unused, each new connection evicts the client that has
 * been unnamed for longest, if that is long.  So silent connections do not
 * keep others out, unless they arrive faster than that.
 */
static void
evict_nameless(void)
{
	struct child	*c;
	_Atomic uint32_t *state;

	if (limit_clients() + opt->clients / FEW_SLOTS < opt->clients)
		return;
	while ((c = child_table_oldest_nameless()) != NULL) {
		state = &opt->bus->slot[c->slot].state;
		if (atomic_load(state) == SLOT_ENTERING) {
			if (bus_now() - c->since <
			    (uint64_t)(opt->naming_ms / HASTE))
				return;
			(void)kill(c->pid, SIGTERM);
			child_table_is_named(c);
			return;
		}
		child_table_is_named(c);
	}
}

/*
 * A session that has taken over from a spare place has its older one's place.
 */
static void
settle_spares(void)
{
	struct child *c, *next;

	for (c = child_table_first_spare(); c != NULL; c = next) {
		next = LIST_NEXT(c, in_spare);
		if (atomic_load(&opt->bus->slot[c->slot].state) ==
		    SLOT_ENTERING)
			continue;
		limit_settle(c->limit);
		child_table_set_spare(c, false);
	}
}

const char *
children_start(int fd, struct peer *peer)
{
	struct child	*c = child_table_unused();
	struct limit	*limit;
	const char	*why;
	uint32_t	 slot;
	pid_t		 pid;
	int		 hold_ms;

	evict_nameless();
	settle_spares();
	limit = limit_acquire(&peer->address, peer->uid, peer->trusted, &why);
	if (limit == NULL)
		return why;
	/* A slot may still be a dead client's, until its death is announced. */
	if (c == NULL) {
		limit_release(limit, why != NULL);
		return "the room is full: try again later";
	}
	peer->only_takeover = why;
	hold_ms = limit_hold(limit, bus_now());
	slot = c->slot;
	roster_open(opt->bus, slot, peer->origin);
	(void)strlcpy(c->peer, peer->name, sizeof(c->peer));
	switch (pid = fork()) {
	case -1:
		log_warn("cannot fork");
		roster_close(opt->bus, slot);
		limit_release(limit, why != NULL);
		return "the server has no spare process: try again later";
	case 0:
		run_session(slot, peer, hold_ms, fd);
		/* NOTREACHED */
	default:
		break;
	}
	(void)close(fd);
	c->limit = limit;
	atomic_store(&opt->bus->slot[slot].pid, pid);
	child_table_insert(c, pid);
	child_table_set_spare(c, why != NULL);
	return NULL;
}

void
children_log(void)
{
	struct bus	*b = opt->bus;
	struct child	*c;
	struct slot	*s;
	uint64_t	 head = ring_head(b), cursor;
	uint32_t	 i;

	log_info("%u of %u clients, %u with a name, head %llu",
	    limit_clients(), opt->clients, roster_count(b),
	    (unsigned long long)head);
	for (i = 0; i < opt->slots; i++) {
		c = child_table_at(i);
		if (c->pid == 0)
			continue;
		s = &b->slot[i];
		cursor = atomic_load(&s->cursor);
		log_info("%s pid %d: in %llu out %llu lost %llu lag %llu%s",
		    c->peer, (int)c->pid,
		    (unsigned long long)atomic_load(&s->messages_in),
		    (unsigned long long)atomic_load(&s->messages_out),
		    (unsigned long long)atomic_load(&s->lost),
		    (unsigned long long)(cursor < head ? head - cursor : 0),
		    atomic_load(&s->lagging) ? " lagging" : "");
	}
}

bool
children_have_waker(void)
{
	return waker != 0;
}

bool
children_is_waker(pid_t pid)
{
	return waker != 0 && pid == waker;
}

void
children_signal(int sig)
{
	pid_t	 pid;
	uint32_t i;

	for (i = 0; i < opt->slots; i++)
		if ((pid = child_table_at(i)->pid) != 0)
			(void)kill(pid, sig);
	if (sig == SIGKILL && waker != 0) {
		ending = true;
		(void)kill(waker, SIGKILL);
	}
}

bool
children_gone(void)
{
	if (child_table_count() == 0 && !ending) {
		/* Nothing else is left for the waker to wake. */
		(void)close(pipe_fd[1]);
		ending = true;
	}
	return child_table_count() == 0 && waker == 0;
}
