/* SPDX-License-Identifier: ISC */

/*
 * The parent's children.
 *
 * The parent's own books, made at the start, say which slot is whose; it
 * believes nothing that a child could have written to the segment.
 *
 * A child's death is recovered in the order that roster.c and lock.c need,
 * after waitpid(2) and before the next fork: until then nobody else can
 * have that pid.  The room is told of a leave that the dead one could not
 * tell itself; if the lock is held or the ring is full at that moment, it
 * waits in a list, and its slot with it.
 *
 * The children know of the parent's end by that of a pipe whose write end
 * it alone holds.
 */

#include <sys/wait.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "chatserv/common/log.h"
#include "chatserv/common/memory.h"
#include "chatserv/helper/privsep.h"
#include "chatserv/helper/waker.h"
#include "chatserv/parent/admit.h"
#include "chatserv/parent/children.h"
#include "chatserv/parent/limit.h"
#include "chatserv/parent/local.h"
#include "chatserv/parent/notify.h"
#include "chatserv/parent/pid_file.h"
#include "chatserv/parent/privilege.h"
#include "chatserv/session/session.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/wake.h"
#include "chatserv/session/irc/motd.h"
#include "ipc/common/bsd.h"

#define FEW_PLACES	8	/* of so many, one */
#define HASTE		12	/* of the time for a name: then it is short */
#define HOLD_MS		1000	/* on top of the waiter's second */
#define ANNOUNCE_MS		10000	/* to wait for the lock and for room */
#define WORD_BITS	32

/* What the parent knows of a slot. */
struct child {
	LIST_ENTRY(child)	 by_pid;
	TAILQ_ENTRY(child)	 by_age;	/* if it had no name lately */
	STAILQ_ENTRY(child)	 next;		/* unannounced */
	pid_t			 pid;		/* 0: none */
	uint64_t		 came;		/* 0: it is not by_age */
	uint32_t		 slot;
	struct limit		*limit;
	uint64_t		 announce_until; /* then nobody is told */
	char			 peer[PEER_NAME_SIZE];
};

LIST_HEAD(bucket, child);
TAILQ_HEAD(line, child);
STAILQ_HEAD(children, child);

static const struct parent_options *opt;
static struct child	*child;		/* one a slot */
static uint32_t		*unused;	/* one bit a slot */
static struct bucket	*by_pid;
static struct children	 unannounced = STAILQ_HEAD_INITIALIZER(unannounced);
static struct line	 nameless = TAILQ_HEAD_INITIALIZER(nameless);
static uint32_t		 count;		/* of living sessions */
static pid_t		 waker;		/* 0: none */
static int		 pipe_fd[2];
static bool		 ending;	/* the pipe is closed */
static uint64_t		 hold_seen, hold_until;	/* of a lock held long */

static struct bucket *
bucket_of(pid_t pid)
{
	return &by_pid[(uint32_t)pid % opt->clients];
}

static struct child *
find_child(pid_t pid)
{
	struct child *c;

	LIST_FOREACH(c, bucket_of(pid), by_pid)
		if (c->pid == pid)
			return c;
	return NULL;
}

static bool
is_ours(pid_t pid)
{
	return pid == waker || find_child(pid) != NULL;
}

/*
 * The lowest first: a small room uses few slots, all in the cache, and who
 * is woken first (wake.c) does not hang on the order in which others left.
 */
static struct child *
find_unused(void)
{
	uint32_t i;

	for (i = 0; i * WORD_BITS < opt->clients; i++)
		if (unused[i] != 0)
			return &child[i * WORD_BITS +
			    (uint32_t)ffs((int)unused[i]) - 1];
	return NULL;
}

static void
set_unused(uint32_t slot)
{
	unused[slot / WORD_BITS] |= UINT32_C(1) << slot % WORD_BITS;
}

static void
set_used(uint32_t slot)
{
	unused[slot / WORD_BITS] &= ~(UINT32_C(1) << slot % WORD_BITS);
}

void
children_init(const struct parent_options *o)
{
	uint32_t i;

	opt = o;
	if (pipe(pipe_fd) == -1)
		fatal("pipe");
	child = memory_alone(opt->clients, sizeof(*child));
	by_pid = memory_alone(opt->clients, sizeof(*by_pid));
	unused = memory_alone(opt->clients / WORD_BITS + 1, sizeof(*unused));
	if (child == NULL || by_pid == NULL || unused == NULL)
		fatal("no memory for %u clients", opt->clients);
	for (i = 0; i < opt->clients; i++) {
		child[i].slot = i;
		LIST_INIT(&by_pid[i]);
		set_unused(i);
	}
	limit_init(opt->clients, opt->per_address);
	opt->bus->is_ours = is_ours;
}

/*
 * What every child does first.  A key pressed at the terminal signals the
 * whole process group; what it means is the parent's to say.
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
	admit_end();
	notify_end();
	irc_motd_leave();
	pid_file_unlock();
	pid_file_leave();
	local_leave();
	log_child();
	privsep_leave();
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

/* In the child, which has none of the parent's books. */
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
		fatal("cannot keep a client's socket from blocking");
	privilege_child(fd);
	log_debug("%s pid %d: connected", peer.name, (int)b->pid);
	session_run(b, fd, pipe_fd[0], &peer, opt->naming_ms);
	_exit(0);
}

static void
forget_nameless(struct child *c)
{
	if (c->came != 0)
		TAILQ_REMOVE(&nameless, c, by_age);
	c->came = 0;
}

/*
 * Where places run short, send away who has been longest without a name, if
 * that is long.  So connections that say nothing do not keep out those who
 * do, unless they come faster than that.
 */
static void
make_place(void)
{
	struct child	*c;
	_Atomic uint32_t *state;

	if (opt->clients - count > opt->clients / FEW_PLACES)
		return;
	while ((c = TAILQ_FIRST(&nameless)) != NULL) {
		state = &opt->bus->slot[c->slot].state;
		if (atomic_load(state) == SLOT_ENTERING) {
			if (bus_now() - c->came <
			    (uint64_t)(opt->naming_ms / HASTE))
				return;
			(void)kill(c->pid, SIGTERM);
			forget_nameless(c);
			return;
		}
		forget_nameless(c);
	}
}

const char *
children_start(int fd, const struct peer *peer, const struct sockaddr *sa)
{
	struct child	*c = find_unused();
	struct limit	*limit;
	uint32_t	 slot;
	pid_t		 pid;
	int		 hold_ms;

	make_place();
	if (c == NULL)
		return "the room is full: try again later";
	if ((limit = limit_acquire(sa, peer->uid, peer->trusted)) == NULL)
		return "too many clients from your address";
	hold_ms = limit_hold(limit, bus_now());
	slot = c->slot;
	roster_open(opt->bus, slot, peer->origin);
	(void)strlcpy(c->peer, peer->name, sizeof(c->peer));
	switch (pid = fork()) {
	case -1:
		log_warn("cannot fork");
		roster_close(opt->bus, slot);
		limit_release(limit);
		return "the server has no process to spare: try again later";
	case 0:
		run_session(slot, peer, hold_ms, fd);
		/* NOTREACHED */
	default:
		break;
	}
	(void)close(fd);
	set_used(slot);
	c->pid = pid;
	c->limit = limit;
	atomic_store(&opt->bus->slot[slot].pid, pid);
	LIST_INSERT_HEAD(bucket_of(pid), c, by_pid);
	TAILQ_INSERT_TAIL(&nameless, c, by_age);
	c->came = bus_now();
	count++;
	return NULL;
}

/* The slot can be another's now. */
static void
free_child(struct child *c)
{
	roster_close(opt->bus, c->slot);
	set_unused(c->slot);
}

bool
children_announce_deaths(void)
{
	struct child *c;

	while ((c = STAILQ_FIRST(&unannounced)) != NULL) {
		if (roster_announce_death(opt->bus, c->slot, "killed") ==
		    BUS_WAIT) {
			if (bus_now() < c->announce_until)
				return false;
			log_info("%s: the room cannot be told that it left",
			    c->peer);
		}
		STAILQ_REMOVE_HEAD(&unannounced, next);
		free_child(c);
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
recover(struct child *c, int status)
{
	bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	bool told = !roster_recover(opt->bus, c->slot, c->pid, clean);

	if (!clean)
		log_death(c, status);
	LIST_REMOVE(c, by_pid);
	forget_nameless(c);
	c->pid = 0;
	limit_release(c->limit);
	count--;
	if (told)
		free_child(c);
	else {
		c->announce_until = bus_now() + ANNOUNCE_MS;
		STAILQ_INSERT_TAIL(&unannounced, c, next);
	}
}

/*
 * Whoever else is stopped, the room goes on without; but in a large one all
 * wait for the waker.
 */
static void
replace_stopped(pid_t pid)
{
	if (privsep_is_helper(pid))
		log_info("the privileged helper was stopped");
	if (pid != waker)
		return;
	log_info("the waker was stopped: killed");
	(void)kill(pid, SIGKILL);
}

void
children_reap(void)
{
	struct child	*c;
	pid_t		 pid;
	int		 status;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(status)) {
			replace_stopped(pid);
		} else if (pid == waker) {
			if (!ending)
				log_info("the waker died; recovered");
			waker = 0;
			atomic_store(&opt->bus->segment->waker, 0);
		} else if ((c = find_child(pid)) != NULL) {
			recover(c, status);
		} else if (privsep_died(pid)) {
			log_info("the privileged helper died: at the end the "
			    "socket and the segment will stay");
		}
	}
}

/* Nobody who can have the lock holds it unless it was written there. */
static void
end_hold(pid_t owner)
{
	struct child *c = find_child(owner);

	if (c != NULL) {
		log_info("%s pid %d: stopped with the lock: killed", c->peer,
		    (int)owner);
		(void)kill(owner, SIGKILL);
	} else {
		log_info("pid %d: held the lock and is no session; recovered",
		    (int)owner);
		lock_recover(opt->bus, owner);
		wake_recover(opt->bus);
	}
}

/*
 * A publisher has waited a second for one hold of the lock, or the parent
 * has found it held.  If it lasts another, its owner is stopped, and must
 * end for the others to go on.
 */
uint64_t
children_watch_lock(bool asked)
{
	uint64_t	 hold, now = bus_now();
	pid_t		 owner;

	hold = lock_hold(opt->bus, &owner);
	if (hold == 0 || hold != hold_seen) {
		hold_until = hold != 0 && asked ? now + HOLD_MS : 0;
		hold_seen = hold_until == 0 ? 0 : hold;
	} else if (hold_until != 0 && now >= hold_until) {
		hold_until = 0;
		end_hold(owner);
	}
	return hold_until;
}

void
children_log(void)
{
	struct bus	*b = opt->bus;
	struct slot	*s;
	uint64_t	 head = ring_head(b), cursor;
	uint32_t	 i;

	log_info("%u of %u clients, %u with a name, head %llu", count,
	    opt->clients, roster_count(b), (unsigned long long)head);
	for (i = 0; i < opt->clients; i++) {
		if (child[i].pid == 0)
			continue;
		s = &b->slot[i];
		cursor = atomic_load(&s->cursor);
		log_info("%s pid %d: in %llu out %llu lost %llu lag %llu%s",
		    child[i].peer, (int)child[i].pid,
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

uint32_t
children_count(void)
{
	return count;
}

void
children_signal(int sig)
{
	uint32_t i;

	for (i = 0; i < opt->clients; i++)
		if (child[i].pid != 0)
			(void)kill(child[i].pid, sig);
	if (sig == SIGKILL && waker != 0)
		(void)kill(waker, SIGKILL);
}

bool
children_gone(void)
{
	if (count == 0 && !ending) {
		/* Its end is all that the waker waits for. */
		(void)close(pipe_fd[1]);
		ending = true;
	}
	return count == 0 && waker == 0;
}
