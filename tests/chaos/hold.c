/* SPDX-License-Identifier: ISC */

/*
 * Make it so that a certain process holds a room's lock.
 *
 *	hold name pid
 *
 * To stop a session just while it holds the lock takes a debugger or much
 * luck: it has it for less than a microsecond.  So a session is stopped
 * anywhere, and then its pid is put where the owner's pid stands, as its
 * own compare-and-swap would have done.  name is the room's shared object.
 */

#include <sys/mman.h>
#include <sched.h>
#include <stdio.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/bus.h"

int
main(int argc, char *argv[])
{
	const char	*error;
	struct segment	*p;
	uint64_t	 word, pid;
	int		 fd;

	if (argc != 3)
		errx(2, "usage: hold name pid");
	pid = (uint64_t)strtonum(argv[2], 2, INT32_MAX, &error);
	if (error != NULL)
		errx(2, "the pid is %s", error);
	if ((fd = shm_open(argv[1], O_RDWR, 0)) == -1)
		err(1, "%s", argv[1]);
	p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED || p->magic != BUS_MAGIC)
		errx(1, "%s is not a room's segment", argv[1]);
	do {
		while ((uint32_t)(word = atomic_load(&p->owner)) != 0)
			(void)sched_yield();
	} while (!atomic_compare_exchange_strong(&p->owner, &word,
	    word + (UINT64_C(1) << 32) + pid));
	return 0;
}
