/* SPDX-License-Identifier: ISC */

/*
 * A bus for unit tests: a segment whose name is removed as soon as it is
 * mapped, and the processes that a test forks on it, all in one group, which a
 * watchdog kills if one of them hangs.
 */
#ifndef TESTS_UNIT_BUS_H
#define TESTS_UNIT_BUS_H

#include <sys/wait.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "chatserv/helper/waker.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/publish.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/shm.h"
#include "ipc/bus/wake.h"
#include "tests/unit/tap.h"

#define WATCHDOG_S	100

static inline void
must(bool done_it)
{
	if (!done_it) {
		(void)printf("Bail out! a system call failed: %s\n",
		    strerror(errno));
		(void)fflush(stdout);
		(void)kill(0, SIGKILL);
		_exit(1);
	}
}

static inline void
bite(int sig)
{
	static const char say[] = "not ok - somebody waits for ever\n";

	(void)sig;
	(void)!write(STDOUT_FILENO, say, sizeof(say) - 1);
	(void)kill(0, SIGKILL);
}

/* For the test's own process; call it first. */
static inline void
watchdog(void)
{
	(void)setpgid(0, 0);
	(void)signal(SIGALRM, bite);
	(void)alarm(WATCHDOG_S);
}

static inline void
fresh_bus(struct bus *b, uint32_t slots, uint64_t ring_size)
{
	char	name[SHM_NAME_MAX];
	pid_t	holder;

	(void)snprintf(name, sizeof(name), "/chatunit.%ld", (long)getpid());
	must(shm_create(b, name, slots, ring_size, &holder) == 0);
	shm_remove(b, name);
	must(lock_create(b) == 0);
}

/* Become the session in this slot: in a child, or in the test's own process. */
static inline void
be(struct bus *b, uint32_t slot)
{
	roster_enter(b, slot);
	wake_init();
}

/*
 * Fork a session in a slot of its own that runs work(); it exits with the
 * result.
 */
static inline pid_t
session(struct bus *b, uint32_t slot, int (*work)(struct bus *))
{
	pid_t pid;

	roster_open(b, slot, "unit");
	(void)fflush(stdout);
	must((pid = fork()) != -1);
	if (pid == 0) {
		be(b, slot);
		lock_init();
		exit(work(b));
	}
	return pid;
}

/* Wait for a session to end; returns its exit status, or minus its signal. */
static inline int
reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		must(errno == EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/*
 * Fork the waker, as the parent does; it lives until it is killed, or until
 * the caller has ended.
 */
static inline pid_t
start_waker(struct bus *b)
{
	int	life[2];
	pid_t	pid;

	must(pipe(life) == 0);
	(void)fflush(stdout);
	must((pid = fork()) != -1);
	if (pid == 0) {
		(void)close(life[1]);
		waker_run(b, life[0]);
		_exit(0);
	}
	(void)close(life[0]);
	wake_new_waker(b, pid);
	return pid;
}

/* Sleep until woken, or for so many milliseconds if that is not negative. */
static inline void
sleep_until_woken(int ms)
{
	struct timespec	limit = { ms / 1000, ms % 1000 * 1000000L };
	sigset_t	none;

	sigemptyset(&none);
	(void)ppoll(NULL, 0, ms < 0 ? NULL : &limit, &none);
}

/* Publish one message, however long it takes. */
static inline enum bus_result
publish(struct bus *b, const char *name, const char *text)
{
	static uint64_t	 buf[RECORD_MAX / sizeof(uint64_t)];
	struct batch	 batch = { (char *)buf, sizeof(buf), 0 };
	struct event	 ev = { 0, EVENT_MSG, name, strlen(name), text,
	    strlen(text) };
	enum bus_result	 result;
	int		 wait_ms;

	if (!ring_compose(&batch, &ev, b->me, RECORD_TO_ALL, 0))
		return BUS_GONE;
	while ((result = publish_batch(b, &batch, &wait_ms)) == BUS_WAIT)
		sleep_until_woken(wait_ms);
	return result;
}

#endif
