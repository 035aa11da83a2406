/* SPDX-License-Identifier: ISC */

/*
 * Executes one step of the lock on behalf of a session.
 *
 *	hold name pid		acquire the lock
 *	hold name release	release it
 *	hold name post		consume the pending post
 *	hold name waiting n	wait until `waiting` is n
 *
 * Stopping a session exactly while it holds the lock takes a debugger or much
 * luck: it holds it for less than a microsecond.  So a test stops a session
 * anywhere, and then lock.c acquires the lock with the session's pid, as the
 * session would have done there.  Likewise, this consumes the post of a
 * session that sleeps on the semaphore and is stopped there: killed now, it
 * has died between sem_wait(3) and the next instruction.  name is the room's
 * shared memory object, in which the semaphore lies, except on OpenBSD and
 * macOS.
 */

#include <sys/mman.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/lock.h"

/* Gives lock.c a way to the segment. */
static void
map_segment(struct bus *b, const char *name)
{
	int fd;

	memset(b, 0, sizeof(*b));
	if ((fd = shm_open(name, O_RDWR, 0)) == -1)
		err(1, "%s", name);
	b->segment = mmap(NULL, sizeof(*b->segment), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (b->segment == MAP_FAILED || b->segment->magic != BUS_MAGIC)
		errx(1, "%s is not a room's segment", name);
	b->lock_sem = &b->segment->lock_sem;
}

static int
number(const char *arg)
{
	const char	*error;
	int		 n = (int)strtonum(arg, 1, INT32_MAX, &error);

	if (error != NULL)
		errx(2, "%s is %s", arg, error);
	return n;
}

int
main(int argc, char *argv[])
{
	struct bus	b;
	uint32_t	n;

	if (argc < 3)
		errx(2, "usage: hold name pid | release | post | waiting n");
	map_segment(&b, argv[1]);
	if (strcmp(argv[2], "release") == 0) {
		lock_release(&b);
	} else if (strcmp(argv[2], "post") == 0) {
		if (sem_trywait(b.lock_sem) == -1)
			err(1, "no post is pending");
	} else if (strcmp(argv[2], "waiting") == 0 && argc == 4) {
		n = (uint32_t)number(argv[3]);
		while (atomic_load(&b.segment->waiting) < n)
			(void)sched_yield();
	} else {
		b.pid = number(argv[2]);
		while (!lock_try(&b))
			(void)sched_yield();
	}
	return 0;
}
