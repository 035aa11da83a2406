/*
 * Copyright (c) 2026 The chatserv authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * The parent: accepts, forks, reaps, mends.
 *
 * It is the one process that must not die or hang, so it does little: it
 * never speaks with a client beyond one line of refusal, never waits for
 * the lock, and believes nothing that a child could have written to the
 * page.  Its own books, made at the start, say which slot is whose.
 *
 * A child's death is mended in the order that roster.c and lock.c need,
 * after waitpid(2) and before the next fork: until then nobody else can
 * have that pid.  The room is told of a leave that the dead one could not
 * tell itself; if the lock is held or the ring is full at that moment, it
 * waits in a list, and its slot with it.
 *
 * Signals are blocked but in the one ppoll(2), so handlers only set a flag
 * and no flag is missed.
 */

#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "chatserv/limit.h"
#include "chatserv/listen.h"
#include "chatserv/log.h"
#include "chatserv/parent.h"
#include "chatserv/privilege.h"
#include "chatserv/session.h"
#include "chatserv/waker.h"
#include "ipc/bsd.h"
#include "ipc/lock.h"
#include "ipc/roster.h"
#include "ipc/wake.h"

#define ACCEPTS		64	/* clients in one round */
#define BURY_AGAIN_MS	20
#define HOLD_MS		1000	/* on top of the waiter's second */
#define PAUSE_MS	1000	/* without accepting, or without a waker */
#define STOP_MS		5000

/* What the parent knows of a slot. */
struct child {
	LIST_ENTRY(child)	 by_pid;
	STAILQ_ENTRY(child)	 next;		/* unused or unburied */
	pid_t			 pid;
	uint32_t		 slot;
	struct limit		*limit;
	char			 peer[PEER_NAME_SIZE];
};

LIST_HEAD(bucket, child);
STAILQ_HEAD(children, child);

static const struct parent_options *opt;
static struct child	*child;		/* one a slot */
static struct bucket	*by_pid;
static struct children	 unused = STAILQ_HEAD_INITIALIZER(unused);
static struct children	 unburied = STAILQ_HEAD_INITIALIZER(unburied);
static uint32_t		 count;		/* of living sessions */
static pid_t		 waker;		/* 0: none */
static int		 pipe_fd[2];	/* its end tells ours to the children */
static int		 spare_fd;	/* to accept and refuse with */
static uint64_t		 pause_until;	/* no accepting, no new waker */
static uint64_t		 stop_at;	/* kill who is left; 0: not stopping */
static uint64_t		 hold_seen, hold_until;	/* of a lock held long */
static sigset_t		 awake;

static volatile sig_atomic_t stop_flag, child_flag, figures_flag, lock_flag;

static void
on_signal(int sig)
{
	switch (sig) {
	case SIGTERM:
	case SIGINT:
		stop_flag = 1;
		break;
	case SIGCHLD:
		child_flag = 1;
		break;
	case WAKE_SIGNAL:
		lock_flag = 1;
		break;
	default:
		figures_flag = 1;
		break;
	}
}

/* ---- the start ---- */

static void
make_books(void)
{
	uint32_t i;

	child = calloc(opt->clients, sizeof(*child));
	by_pid = calloc(opt->clients, sizeof(*by_pid));
	if (child == NULL || by_pid == NULL)
		fatal("no memory for %u clients", opt->clients);
	for (i = 0; i < opt->clients; i++) {
		child[i].slot = i;
		LIST_INIT(&by_pid[i]);
		STAILQ_INSERT_TAIL(&unused, &child[i], next);
	}
	limit_init(opt->clients, opt->per_address);
}

static void
catch_signals(void)
{
	static const int caught[] = { SIGTERM, SIGINT, SIGCHLD, SIGUSR2,
#ifdef SIGINFO
	    SIGINFO,
#endif
	    WAKE_SIGNAL };
	struct sigaction	sa;
	sigset_t		set;
	size_t			i;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		sa.sa_handler = on_signal;
		(void)sigaction(caught[i], &sa, NULL);
		sigaddset(&set, caught[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &set, &awake);
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
}

static void
show_title(void)
{
	setproctitle("port %u, %u of %u clients", opt->port, count,
	    opt->clients);
}

/* ---- children ---- */

/*
 * What every child does first.  A key pressed at the terminal signals the
 * whole process group; what it means is the parent's to say.
 */
static void
become_child(void)
{
	int i;

	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGUSR2, SIG_IGN);
#ifdef SIGINFO
	(void)signal(SIGINFO, SIG_IGN);
#endif
	(void)close(pipe_fd[1]);
	(void)close(spare_fd);
	for (i = 0; i < opt->listeners; i++)
		(void)close(opt->listener[i]);
}

static void
start_waker(void)
{
	pid_t pid;

	if (waker != 0 || stop_at != 0 || bus_now() < pause_until)
		return;
	switch (pid = fork()) {
	case -1:
		log_warn("cannot start the waker");
		pause_until = bus_now() + PAUSE_MS;
		return;
	case 0:
		become_child();
		opt->bus->pid = getpid();
		privilege_child();
		waker_run(opt->bus, pipe_fd[0]);
		_exit(0);
	default:
		waker = pid;
		atomic_store(&opt->bus->page->waker, pid);
		/* It may replace one that died with a round half done. */
		wake_mend(opt->bus);
		break;
	}
}

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

/* One line to a client that cannot come in; no wait, no answer. */
static void
refuse(int fd, const char *peer, const char *why)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "!! %s\n", why);
	(void)send(fd, line, strlen(line), MSG_DONTWAIT);
	(void)close(fd);
	log_info("%s: refused: %s", peer, why);
}

static void
run_session(const struct child *c, struct peer *peer, int fd)
{
	struct bus *b = opt->bus;

	become_child();
	roster_enter(b, c->slot);
	setproctitle("%s", peer->name);
	peer_find_login(peer);
	privilege_child();
	log_debug("%s pid %d: came", peer->name, (int)b->pid);
	session_run(b, fd, pipe_fd[0], peer, opt->naming_ms);
	_exit(0);
}

/* Fork a session for the client on fd, or refuse it. */
static void
admit(int fd, const struct sockaddr *sa, socklen_t len)
{
	struct child	*c = STAILQ_FIRST(&unused);
	struct limit	*limit;
	struct peer	 peer;
	pid_t		 pid;

	if (peer_init(&peer, fd, sa, len) == -1) {
		refuse(fd, "local", "the system does not say who you are");
		return;
	}
	if (c == NULL) {
		refuse(fd, peer.name, "the room is full: try again later");
		return;
	}
	if ((limit = limit_take(sa, peer.uid)) == NULL) {
		refuse(fd, peer.name, "too many clients from your address");
		return;
	}
	roster_open(opt->bus, c->slot, peer.origin);
	(void)strlcpy(c->peer, peer.name, sizeof(c->peer));
	switch (pid = fork()) {
	case -1:
		log_warn("cannot fork");
		roster_close(opt->bus, c->slot);
		limit_give(limit);
		refuse(fd, peer.name, "the server has no process to spare: "
		    "try again later");
		return;
	case 0:
		run_session(c, &peer, fd);
		/* NOTREACHED */
	default:
		break;
	}
	(void)close(fd);
	STAILQ_REMOVE_HEAD(&unused, next);
	c->pid = pid;
	c->limit = limit;
	atomic_store(&opt->bus->slot[c->slot].pid, pid);
	LIST_INSERT_HEAD(bucket_of(pid), c, by_pid);
	count++;
}

/*
 * No descriptor is left to accept with: the client would stay in the queue,
 * and the queue readable, and we would spin.  The spare one lets us take
 * it and say so.
 */
static void
refuse_one(int listener)
{
	int fd;

	(void)close(spare_fd);
	if ((fd = accept(listener, NULL, NULL)) != -1)
		refuse(fd, "a client",
		    "the server has no descriptor to spare: try again later");
	else
		pause_until = bus_now() + PAUSE_MS;
	spare_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void
accept_clients(int listener)
{
	struct sockaddr_storage	ss;
	socklen_t		len;
	int			fd, i;

	for (i = 0; i < ACCEPTS; i++) {
		len = sizeof(ss);
		fd = accept(listener, (struct sockaddr *)&ss, &len);
		if (fd != -1) {
			admit(fd, (struct sockaddr *)&ss, len);
			continue;
		}
		switch (errno) {
		case EMFILE:
		case ENFILE:
			log_warn("cannot accept");
			refuse_one(listener);
			return;
		case ENOBUFS:
		case ENOMEM:
			log_warn("cannot accept");
			pause_until = bus_now() + PAUSE_MS;
			return;
		case EAGAIN:
#if EWOULDBLOCK != EAGAIN
		case EWOULDBLOCK:
#endif
			return;
		default:
			/* That client is gone; the next may be there. */
			break;
		}
	}
}

/* ---- deaths ---- */

/* The slot can be another's now. */
static void
free_child(struct child *c)
{
	roster_close(opt->bus, c->slot);
	/* At the head: a small room uses few slots, all in the cache. */
	STAILQ_INSERT_HEAD(&unused, c, next);
}

/* Tell the room of those who could not tell it themselves. */
static void
bury(void)
{
	struct child *c;

	while ((c = STAILQ_FIRST(&unburied)) != NULL) {
		if (roster_bury(opt->bus, c->slot, "killed") == BUS_WAIT)
			return;
		STAILQ_REMOVE_HEAD(&unburied, next);
		free_child(c);
	}
}

static void
mend(struct child *c, int status)
{
	bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	bool told = !roster_mend(opt->bus, c->slot, c->pid);

	if (!clean) {
		if (WIFSIGNALED(status))
			log_info("%s pid %d: died of signal %d; mended",
			    c->peer, (int)c->pid, WTERMSIG(status));
		else
			log_info("%s pid %d: died with status %d; mended",
			    c->peer, (int)c->pid, WEXITSTATUS(status));
		lock_mend_door(opt->bus);
		wake_mend(opt->bus);
	}
	LIST_REMOVE(c, by_pid);
	c->pid = 0;
	limit_give(c->limit);
	count--;
	if (told)
		free_child(c);
	else
		STAILQ_INSERT_TAIL(&unburied, c, next);
}

static void
reap(void)
{
	struct child	*c;
	pid_t		 pid;
	int		 status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == waker) {
			if (stop_at == 0)
				log_info("the waker died; mended");
			waker = 0;
		} else if ((c = find_child(pid)) != NULL) {
			mend(c, status);
		}
	}
}

/*
 * A publisher has waited a second for one hold of the lock.  If it lasts
 * another, its owner is stopped, and must end for the others to go on.
 */
static void
watch_lock(void)
{
	struct child	*c;
	uint64_t	 hold, now = bus_now();
	pid_t		 owner;

	hold = lock_hold(opt->bus, &owner);
	if (hold == 0 || hold != hold_seen) {
		hold_until = hold != 0 && lock_flag ? now + HOLD_MS : 0;
		hold_seen = hold_until == 0 ? 0 : hold;
	} else if (hold_until != 0 && now >= hold_until) {
		hold_until = 0;
		if ((c = find_child(owner)) != NULL) {
			log_info("%s pid %d: stopped with the lock: killed",
			    c->peer, (int)owner);
			(void)kill(owner, SIGKILL);
		}
	}
	lock_flag = 0;
}

/* ---- figures, and the end ---- */

static void
log_figures(void)
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

static void
signal_children(int sig)
{
	uint32_t i;

	for (i = 0; i < opt->clients; i++)
		if (child[i].pid != 0)
			(void)kill(child[i].pid, sig);
}

static void
begin_stop(void)
{
	int i;

	log_info("stopping");
	stop_at = bus_now() + STOP_MS;
	for (i = 0; i < opt->listeners; i++)
		(void)close(opt->listener[i]);
	atomic_store(&opt->bus->page->stopping, 1);
	signal_children(SIGTERM);
}

/* Whether it is all over. */
static bool
go_on_stopping(void)
{
	if (count == 0 && pipe_fd[1] != -1) {
		/* Its end is all that the waker waits for. */
		(void)close(pipe_fd[1]);
		pipe_fd[1] = -1;
	}
	if (bus_now() >= stop_at) {
		signal_children(SIGKILL);
		if (waker != 0)
			(void)kill(waker, SIGKILL);
		stop_at = bus_now() + STOP_MS;
	}
	return count == 0 && waker == 0;
}

/* ---- the one place to wait ---- */

static void
sooner(uint64_t *ms, uint64_t now, uint64_t then)
{
	if (then == 0)
		return;
	if (then <= now)
		*ms = 0;
	else if (then - now < *ms)
		*ms = then - now;
}

static struct timespec *
timeout(struct timespec *ts)
{
	uint64_t ms = UINT64_MAX, now = bus_now();

	if (!STAILQ_EMPTY(&unburied))
		ms = BURY_AGAIN_MS;
	sooner(&ms, now, hold_until);
	sooner(&ms, now, stop_at);
	if (pause_until > now)
		sooner(&ms, now, pause_until);
	ts->tv_sec = (time_t)(ms / 1000);
	ts->tv_nsec = (long)(ms % 1000) * 1000000;
	return ms == UINT64_MAX ? NULL : ts;
}

static void
parent_wait(void)
{
	struct pollfd	pfd[LISTEN_MAX];
	struct timespec	ts;
	int		i, n = opt->listeners;

	for (i = 0; i < n; i++) {
		pfd[i].fd = opt->listener[i];
		pfd[i].events = POLLIN;
		pfd[i].revents = 0;
	}
	if (stop_at != 0 || bus_now() < pause_until)
		n = 0;
	if (ppoll(pfd, (nfds_t)n, timeout(&ts), &awake) <= 0)
		return;
	for (i = 0; i < n; i++)
		if (pfd[i].revents != 0)
			accept_clients(opt->listener[i]);
}

void
parent_run(const struct parent_options *options)
{
	opt = options;
	if (pipe(pipe_fd) == -1)
		fatal("pipe");
	if ((spare_fd = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		fatal("/dev/null");
	make_books();
	catch_signals();
	/* Whoever has read this may stop us. */
	listen_announce(opt->listener, opt->listeners);
	for (;;) {
		start_waker();
		show_title();
		parent_wait();
		if (child_flag) {
			child_flag = 0;
			reap();
		}
		bury();
		if (lock_flag || hold_until != 0)
			watch_lock();
		if (figures_flag) {
			figures_flag = 0;
			log_figures();
		}
		if (stop_flag && stop_at == 0)
			begin_stop();
		if (stop_at != 0 && go_on_stopping())
			return;
	}
}
