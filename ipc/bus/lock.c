/* SPDX-License-Identifier: ISC */

/*
 * The lock among writers.
 *
 * A plain semaphore cannot be recovered after kill -9: nobody can tell
 * whether the dead one held it.  So the lock is a word that holds its
 * owner's pid, taken by compare-and-swap, and the semaphore (lock_sem) is
 * only the bed of those who lose: being posted is a hint to try again.
 *
 *	1. The word's high half counts the holds, so that two holds by one
 *	   process differ, and a hold that lasts too long can be recognised.
 *	2. Whoever must wait counts itself into `waiting`, tries again, and
 *	   only then sleeps: an owner that saw nobody waiting has left.
 *	3. The owner frees the word, then posts if someone waits and no post
 *	   is on its way (`posted`); whoever is woken clears `posted` before
 *	   it tries.  So one of the two sees the other.
 *	4. Whoever dies asleep, or with a post in its hands, may have taken
 *	   a wake-up along.  The parent cannot know, so it has one made after
 *	   every unclean death (posting only if the dead one held the lock
 *	   loses a wake-up sooner or later).  A count left in `waiting` for
 *	   ever costs at most one needless post.
 *	5. A sleeper looks up every second: if the parent is gone, nobody
 *	   would recover; if one hold lasts, the parent is told, and looks.
 *	6. The parent never posts itself, but has the waker do it: what the
 *	   C library keeps in a semaphore, a session that was taken over can
 *	   have written, and could make sem_post(3) abort or wait for ever.
 *
 * The owner word is after nginx's ngx_shmtx.c.  tests/model/lock.pml
 * checks all this with a kill at any step.
 */

#include <sys/time.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/tuning.h"

#define LOOK_UP_S	1
#define POSTS_MAX	1000	/* far more than the semaphore ever holds */
#define PID(word)	((pid_t)((word) & UINT32_MAX))
#define HOLD_ONE	(UINT64_C(1) << 32)

int
lock_create(struct bus *b)
{
	char name[32];

	/* OpenBSD and macOS refuse this, and have only the other: bus(3). */
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

static void
interrupt(int sig)
{
	(void)sig;		/* sem_wait() returns EINTR, that is all */
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
look_up_every(time_t seconds)
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

	if (sem_wait(b->lock_sem) == 0) {
		atomic_store(&b->segment->posted, 0);
		return true;
	}
	if (getppid() != b->parent)
		return false;
	now = lock_hold(b, &pid);
	if (now != 0 && now == *hold)
		(void)kill(b->parent, SIGURG);
	*hold = now;
	return true;
}

bool
lock_acquire(struct bus *b)
{
	struct segment	*p = b->segment;
	uint64_t	 hold = 0;
	bool		 taken;

	if (spin(b))
		return true;
	/*
	 * The waiter counts itself and then looks at owner; the releaser
	 * frees owner and then looks at the count.  All four are seq_cst: if
	 * one were weaker, both could miss each other (tests/model/).
	 */
	atomic_fetch_add(&p->waiting, 1);
	look_up_every(LOOK_UP_S);
	while (!(taken = lock_try(b)))
		if (!sleep_on_sem(b, &hold))
			break;
	look_up_every(0);
	atomic_fetch_sub(&p->waiting, 1);
	return taken;
}

/*
 * Post unless a post is on its way.  The parent asks for one instead, see
 * roster_announce_death().
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

	/* Relaxed: nobody but its owner changes a word that is taken. */
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

	/* Taken in first, tokens do not pile up however many die. */
	for (i = 0; i < POSTS_MAX && sem_trywait(b->lock_sem) == 0; i++)
		continue;
	atomic_store(&b->segment->posted, 1);
	(void)sem_post(b->lock_sem);
}
