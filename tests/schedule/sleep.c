/* SPDX-License-Identifier: ISC */

/*
 * A kernel for processes that are coroutines: the calls that sleep.
 *
 * A semaphore is a count and the view that its posts have left: a process
 * knows after sem_wait(3) every store before the sem_post(3) that ended it.
 * ppoll(2) checks descriptors, signals, which its mask admits while it lasts,
 * and the clock.
 */

#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/schedule/kernel.h"
#include "tests/schedule/schedule.h"
#include "tests/schedule/system.h"
#include "tests/schedule/trace.h"

#define NS_PER_S	UINT64_C(1000000000)

struct semaphore {
	const void	*at;
	int		 posts;
};

static struct semaphore semaphore[MEMORY_KEPT_VIEWS],
    kept[MEMORY_KEPT_VIEWS];

void
sleep_begin(void)
{
	memset(semaphore, 0, sizeof(semaphore));
}

void
sleep_keep(void)
{
	memcpy(kept, semaphore, sizeof(kept));
}

void
sleep_restore(void)
{
	memcpy(semaphore, kept, sizeof(kept));
}

static struct semaphore *
find(const void *at)
{
	struct semaphore *s = semaphore;

	while (s->at != at && s->at != NULL)
		if (++s == semaphore + MEMORY_KEPT_VIEWS)
			abort();
	s->at = at;
	return s;
}

int
sys_sem_init(sem_t *sem, int shared, unsigned int value)
{
	(void)shared;
	find(sem)->posts = (int)value;
	return 0;
}

int
sys_sem_post(sem_t *sem)
{
	struct semaphore *s = find(sem);

	schedule_step();
	s->posts++;
	memory_leave(process_now->number, (int)(s - semaphore));
	trace("sem_post: %d", s->posts);
	return 0;
}

static void
take(struct semaphore *s)
{
	s->posts--;
	memory_find(process_now->number, (int)(s - semaphore));
}

int
sys_sem_trywait(sem_t *sem)
{
	struct semaphore *s = find(sem);

	schedule_step();
	trace("sem_trywait: %d", s->posts);
	if (s->posts == 0) {
		errno = EAGAIN;
		return -1;
	}
	take(s);
	return 0;
}

static bool
is_posted(const struct process *p)
{
	const struct semaphore *s = p->ready_for;

	return s->posts > 0;
}

bool
sleep_on_semaphore(const struct process *p)
{
	return p->state == PROCESS_ASLEEP && p->ready == is_posted;
}

int
sys_sem_wait(sem_t *sem)
{
	struct semaphore *s = find(sem);

	schedule_step();
	while (s->posts == 0) {
		trace("sem_wait: sleeps");
		(void)schedule_sleep(is_posted, s, 0);
		if (s->posts == 0 && kernel_deliver()) {
			trace("sem_wait: interrupted");
			errno = EINTR;
			return -1;
		}
	}
	take(s);
	trace("sem_wait: has a post");
	/* A signal that has come meanwhile is handled all the same. */
	(void)kernel_deliver();
	return 0;
}

static int
count_ready(const struct process *p, struct pollfd *pfd)
{
	int i, n = 0;

	for (i = 0; i < p->npolled; i++) {
		pfd[i] = p->polled[i];
		pfd[i].revents = files_poll(p, pfd[i].fd, pfd[i].events);
		n += pfd[i].revents != 0;
	}
	return n;
}

static bool
is_ready(const struct process *p)
{
	struct pollfd pfd[PROCESS_POLLED];

	return count_ready(p, pfd) > 0;
}

static int
poll_on(struct pollfd *pfd, uint64_t deadline, bool wait)
{
	int n;

	for (;;) {
		if (kernel_deliver()) {
			trace("ppoll: interrupted");
			errno = EINTR;
			return -1;
		}
		n = count_ready(process_now, pfd);
		if (n > 0 || !wait) {
			trace("ppoll: %d ready", n);
			return n;
		}
		trace("ppoll: sleeps");
		wait = schedule_sleep(is_ready, NULL, deadline);
	}
}

int
sys_ppoll(struct pollfd *pfd, nfds_t n, const struct timespec *limit,
    const sigset_t *mask)
{
	uint64_t	was = process_now->blocked, deadline = 0, ns = 1;
	int		result;

	schedule_step();
	if (n > PROCESS_POLLED)
		abort();
	if (n > 0)
		memcpy(process_now->polled, pfd, n * sizeof(*pfd));
	process_now->npolled = (int)n;
	if (limit != NULL) {
		ns = (uint64_t)limit->tv_sec * NS_PER_S +
		    (uint64_t)limit->tv_nsec;
		deadline = schedule_now() + ns;
	}
	process_now->blocked = kernel_mask(mask);
	result = poll_on(pfd, deadline, ns > 0);
	process_now->blocked = was;
	return result;
}
