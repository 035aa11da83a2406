/* SPDX-License-Identifier: ISC */

/*
 * The lock among writers.
 *
 * A plain semaphore cannot be recovered after kill -9: no process can tell
 * whether the dead one held it.  So the lock is a word that holds the pid of
 * its owner, acquired by compare-and-swap, and waiters merely sleep on the
 * semaphore (lock_sem): a post is a hint to try again.
 *
 *	1. The high half of the word counts the holds, so that two holds by
 *	   one process differ, and a hold that lasts too long can be seen.
 *	2. A writer that must wait counts itself in `waiting`, tries again,
 *	   and only then sleeps: an owner that saw no waiter has released.
 *	3. The owner frees the word, then posts if a writer waits and no post
 *	   is pending (`posted`); a woken writer clears `posted` before it
 *	   tries.  So at least one of the two sees the other.
 *	4. A process that is killed in its sleep, or between its release and
 *	   its post, may lose a wake-up.  The parent cannot know, so it orders
 *	   a post after every unclean death (a post only if the dead process
 *	   held the lock would lose a wake-up sooner or later).  A count that
 *	   stays in `waiting` for ever costs at most one needless post.
 *	5. A sleeper checks every second: if the parent is gone, no process
 *	   would recover the lock; if one hold lasts, it signals the parent.
 *	6. The parent never posts, but has the waker do it: a session that was
 *	   taken over can overwrite what the C library keeps in a semaphore,
 *	   and make sem_post(3) abort or wait for ever.
 *
 * The owner word is after nginx's ngx_shmtx.c.  tests/model/lock.pml
 * checks all this with a kill at any step.
 *
 * Runs in sessions; in the parent, which only tries; in the waker (post).
 */

#include <sys/time.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/tuning.h"

#define ALARM_S	1
#define POSTS_MAX	1000	/* far more than the semaphore ever holds */
#define PID(word)	((pid_t)((word) & UINT32_MAX))
#define HOLD_ONE	(UINT64_C(1) << 32)

int
lock_create(struct bus *b)
{
	char name[32];

	/*
	 * OpenBSD and macOS refuse this; they only have named semaphores:
	 * bus(3).
	 */
	if (sem_init(&b->segment->lock_sem, 1, 0) == 0) {
		b->lock_sem = &b->segment->lock_sem;
		return 0;
	}
	(void)snprintf(name, sizeof(name), "/chat.%08x%08x",
	    arc4random(), arc4random());
	b->lock_sem = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
	if (b->lock_sem == SEM_FAILED)
		return -1;
	return sem_unlink(name);
}

static volatile sig_atomic_t alarmed;

static void
interrupt(int sig)
{
	(void)sig;
	alarmed = 1;		/* and sem_wait() returns EINTR */
}

void
lock_init(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = interrupt;
	sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGALRM, &sa, NULL);
}

bool
lock_try(struct bus *b)
{
	uint64_t word, mine;

	/* Seq_cst, because it may follow a count: see lock_acquire(). */
	word = atomic_load(&b->segment->owner);
	if (PID(word) != 0)
		return false;
	mine = word + HOLD_ONE + (uint64_t)b->pid;
	return atomic_compare_exchange_strong(&b->segment->owner, &word, mine);
}

static bool
spin(struct bus *b)
{
	int i;

	for (i = 0; i < LOCK_SPINS; i++)
		if (lock_try(b))
			return true;
	return false;
}

static void
alarm_every(time_t seconds)
{
	struct itimerval timer;

	memset(&timer, 0, sizeof(timer));
	timer.it_value.tv_sec = timer.it_interval.tv_sec = seconds;
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

/* Sleep until posted, or until the parent is gone: then return false. */
static bool
sleep_on_sem(struct bus *b, uint64_t *hold)
{
	uint64_t	now;
	pid_t		pid;

	if (sem_wait(b->lock_sem) == 0)
		atomic_store(&b->segment->posted, 0);
	else if (getppid() != b->parent)
		return false;
	/* An alarm that comes with a post does not end the wait by EINTR. */
	if (!alarmed)
		return true;
	alarmed = 0;
	now = lock_hold(b, &pid);
	if (now != 0 && now == *hold)
		(void)kill(b->parent, SIGURG);
	*hold = now;
	return true;
}

/* Relaxed: what people see orders nothing. */
static void
show_waiting(struct bus *b, bool waits)
{
	if (b->me < b->slots)
		atomic_store_explicit(&b->slot[b->me].waits, waits,
		    memory_order_relaxed);
}

bool
lock_acquire(struct bus *b)
{
	struct segment	*p = b->segment;
	uint64_t	 hold = 0;
	bool		 acquired;

	if (spin(b))
		return true;
	show_waiting(b, true);
	/*
	 * The waiter counts itself and then looks at owner; the releaser
	 * frees owner and then looks at the count.  All four are seq_cst: if
	 * one were weaker, both could miss each other (tests/model/).
	 */
	atomic_fetch_add(&p->waiting, 1);
	alarmed = 0;
	alarm_every(ALARM_S);
	while (!(acquired = lock_try(b)))
		if (!sleep_on_sem(b, &hold))
			break;
	alarm_every(0);
	atomic_fetch_sub(&p->waiting, 1);
	show_waiting(b, false);
	return acquired;
}

/*
 * Post unless a post is pending.  The parent has the waker do it instead:
 * see roster_announce_death().
 */
static void
post(struct bus *b)
{
	if (b->me != BUS_NOBODY && atomic_exchange(&b->segment->posted, 1) == 0)
		(void)sem_post(b->lock_sem);
}

void
lock_release(struct bus *b)
{
	struct segment	*p = b->segment;
	uint64_t	 word;

	/* Relaxed: only its owner changes the word while the lock is held. */
	word = atomic_load_explicit(&p->owner, memory_order_relaxed);
	atomic_store(&p->owner, word & ~(uint64_t)UINT32_MAX);
	if (atomic_load(&p->waiting) > 0)
		post(b);
}

bool
lock_held_by(const struct bus *b, pid_t pid)
{
	return PID(atomic_load(&b->segment->owner)) == pid;
}

uint64_t
lock_hold(const struct bus *b, pid_t *pid)
{
	uint64_t word = atomic_load(&b->segment->owner);

	*pid = PID(word);
	return *pid == 0 ? 0 : word;
}

void
lock_recover(struct bus *b, pid_t pid)
{
	struct segment	*p = b->segment;
	uint64_t	 word = atomic_load(&p->owner);

	if (PID(word) == pid)
		(void)atomic_compare_exchange_strong(&p->owner, &word,
		    word & ~(uint64_t)UINT32_MAX);
}

void
lock_recover_sem(struct bus *b)
{
	int i;

	/* Consume them first, or posts would pile up with the deaths. */
	for (i = 0; i < POSTS_MAX && sem_trywait(b->lock_sem) == 0; i++)
		continue;
	atomic_store(&b->segment->posted, 1);
	(void)sem_post(b->lock_sem);
}
