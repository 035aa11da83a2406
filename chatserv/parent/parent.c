/* SPDX-License-Identifier: ISC */

/*
 * The parent: accepts, forks, reaps, recovers.
 *
 * The parent is the one process that must not die or hang, so it does little:
 * it sends a client at most one line of refusal (admit.c), never waits for the
 * lock, and spends a time on each connection that does not grow with their
 * number.  This file is its loop; children.c forks, reap.c recovers the dead.
 *
 * Signals are blocked except in the one ppoll(2), so handlers only set a flag
 * and no flag is missed.
 *
 * Runs in the parent; leave_parent() in its children.
 */

#include <poll.h>
#include <string.h>
#include <time.h>

#include "chatserv/common/log.h"
#include "chatserv/helper/logger.h"
#include "chatserv/helper/privsep.h"
#include "chatserv/parent/admit.h"
#include "chatserv/parent/background.h"
#include "chatserv/parent/child_table.h"
#include "chatserv/parent/children.h"
#include "chatserv/parent/deny_file.h"
#include "chatserv/parent/listen.h"
#include "chatserv/parent/local.h"
#include "chatserv/parent/lock_watch.h"
#include "chatserv/parent/notify.h"
#include "chatserv/parent/parent.h"
#include "chatserv/parent/pid_file.h"
#include "chatserv/parent/reap.h"
#include "chatserv/parent/segment_watch.h"
#include "chatserv/session/irc/motd.h"
#include "ipc/bus/wake.h"
#include "ipc/common/bsd.h"

#define ANNOUNCE_AGAIN_MS	20
#define PAUSE_MS	1000	/* without accepting, or without a waker */
#define STOP_MS		5000
#define WAKER_MS	100	/* from one waker to the next at least */

static const struct parent_options *opt;
static bool		 unannounced;	/* some deaths are not announced yet */
static uint64_t		 pause_until;	/* no accepting */
static uint64_t		 waker_at;	/* try again then; 0: no need */
static uint64_t		 look_at_lock;	/* 0: no need */
static uint64_t		 look_at_segment; /* 0: no need */
static uint64_t		 stop_at;	/* kill the rest; 0: not stopping */
static sigset_t		 awake;

static volatile sig_atomic_t stop_flag, child_flag, figures_flag, lock_flag,
    log_flag;

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
	case SIGHUP:
		log_flag = 1;
		break;
	case WAKE_SIGNAL:
		lock_flag = 1;
		break;
	default:
		figures_flag = 1;
		break;
	}
}

void
parent_catch_signals(void)
{
	static const int caught[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR2,
	    SIGINFO, WAKE_SIGNAL };
	struct sigaction	sa;
	sigset_t		set;
	size_t			i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		/* A shell's background job ignores its ctrl-C. */
		if ((caught[i] == SIGINT || caught[i] == SIGHUP) &&
		    sigaction(caught[i], NULL, &sa) == 0 &&
		    sa.sa_handler == SIG_IGN)
			continue;
		memset(&sa, 0, sizeof(sa));
		sigemptyset(&sa.sa_mask);
		sa.sa_handler = on_signal;
		(void)sigaction(caught[i], &sa, NULL);
		sigaddset(&set, caught[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &set, &awake);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		(void)sigdelset(&awake, caught[i]);
	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, NULL);
	/* A limit on the size of files is an error at write(2), not our end. */
	(void)sigaction(SIGXFSZ, &sa, NULL);
}

/* In a new child: close and forget whatever only the parent may have. */
static void
leave_parent(void)
{
	admit_end();
	notify_end();
	irc_motd_leave();
	deny_file_leave();
	pid_file_unlock();
	pid_file_leave();
	local_leave();
	log_child();
	logger_leave();
	privsep_leave();
}

static void
show_title(void)
{
	setproctitle("port %u, %u of %u clients", opt->port,
	    limit_clients(), opt->clients);
}

/*
 * While there is no waker, each attempt to start one wakes all sessions.  A
 * waker that dies at once is not replaced at once, since something makes it
 * die.
 */
static void
start_waker(void)
{
	static uint64_t	not_before;
	uint64_t	now = bus_now();

	if (stop_at != 0 || now < waker_at || children_have_waker())
		return;
	waker_at = now < not_before ? not_before : 0;
	if (waker_at != 0)
		return;
	not_before = now + WAKER_MS;
	if (children_start_waker() == -1) {
		log_warn("cannot start the waker");
		waker_at = now + PAUSE_MS;
		wake_recover(opt->bus);
		wake_everyone(opt->bus);
	}
}

static void
begin_stop(void)
{
	log_info("stopping");
	notify_stopping();
	stop_at = bus_now() + STOP_MS;
	waker_at = 0;
	admit_end();
	atomic_store(&opt->bus->segment->stopping, 1);
	children_signal(SIGTERM);
}

/* Returns whether every child is gone. */
static bool
go_on_stopping(void)
{
	if (bus_now() >= stop_at) {
		children_signal(SIGKILL);
		stop_at = bus_now() + STOP_MS;
	}
	return children_gone();
}

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

	if (unannounced)
		ms = ANNOUNCE_AGAIN_MS;
	sooner(&ms, now, look_at_lock);
	sooner(&ms, now, look_at_segment);
	sooner(&ms, now, stop_at);
	sooner(&ms, now, waker_at);
	if (pause_until > now)
		sooner(&ms, now, pause_until);
	ts->tv_sec = (time_t)(ms / 1000);
	ts->tv_nsec = (long)(ms % 1000) * 1000000;
	return ms == UINT64_MAX ? NULL : ts;
}

static void
parent_wait(void)
{
	struct pollfd	pfd[1 + LISTEN_MAX];
	struct timespec	ts;
	int		i, n = opt->listeners;

	pfd[0].fd = privsep_answer_fd();
	for (i = 0; i < n; i++)
		pfd[1 + i].fd = opt->listener[i];
	for (i = 0; i <= n; i++) {
		pfd[i].events = POLLIN;
		pfd[i].revents = 0;
	}
	if (stop_at != 0 || bus_now() < pause_until)
		n = 0;
	if (ppoll(pfd, (nfds_t)n + 1, timeout(&ts), &awake) <= 0)
		return;
	for (i = 0; i < n; i++)
		if (pfd[1 + i].revents != 0 &&
		    !admit_clients(opt->listener[i]))
			pause_until = bus_now() + PAUSE_MS;
}

/* Read the deny list from fd, unless that is -1, and act on a new one. */
static void
read_deny_list(int fd)
{
	if (fd != -1 && deny_file_read(fd))
		children_signal(SIGHUP);
}

/* The helper, if there is one, opens the file, and answers later. */
static void
open_deny_list(void)
{
	int fd;

	if (!deny_file_is_used() || privsep_open_deny())
		return;
	if ((fd = deny_file_find()) == -1)
		log_warn("cannot read the deny list; the old one stays");
	read_deny_list(fd);
}

/* Act on signals and timers. */
static void
look_around(void)
{
	if (child_flag) {
		child_flag = 0;
		reap_children(opt->bus);
	}
	unannounced = !reap_announce_deaths(opt->bus);
	if (lock_flag || look_at_lock != 0 || unannounced) {
		look_at_lock = lock_watch(opt->bus, lock_flag || unannounced);
		lock_flag = 0;
	}
	if (log_flag) {
		log_flag = 0;
		irc_motd_again();
		open_deny_list();
		if (!log_reopen_file() && !privsep_reopen_log())
			log_reopen();
	}
	read_deny_list(privsep_take_deny());
	if (look_at_segment != 0)
		look_at_segment = segment_watch(opt->bus);
	if (figures_flag) {
		figures_flag = 0;
		children_log();
	}
}

void
parent_run(const struct parent_options *options)
{
	opt = options;
	look_at_segment = segment_watch(opt->bus);
	children_init(options, leave_parent);
	admit_init(options);
	listen_announce(opt->listener, opt->listeners, local_path());
	notify_ready();
	background_ready();
	for (;;) {
		start_waker();
		show_title();
		parent_wait();
		look_around();
		if (stop_flag && stop_at == 0)
			begin_stop();
		if (stop_at != 0 && go_on_stopping())
			return;
	}
}
