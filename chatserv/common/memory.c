/* SPDX-License-Identifier: ISC */

/*
 * Saving memory in ten thousand processes.
 *
 * A session does not need the parent's tables, which occupy two megabytes for
 * ten thousand clients.  Excluded from fork(2) they cost a child no time, and
 * the kernel copies none of their pages, to which the parent writes at once.
 *
 * Nor does an idle session need the resident pages of its buffers, so it trims
 * them.
 *
 * memory_alone() runs in the parent, memory_trim() in sessions.
 */

#include <sys/mman.h>
#include <stdint.h>
#include <unistd.h>

#include "chatserv/common/memory.h"
#include "ipc/common/bsd.h"

void *
memory_alone(size_t n, size_t size)
{
	void *p;

	p = mmap(NULL, n * size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	bsd_keep_from_forks(p, n * size);
	return p;
}

void
memory_trim(void *p, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = ((uintptr_t)p + page - 1) & ~(page - 1);
	uintptr_t end = ((uintptr_t)p + size) & ~(page - 1);

	if (begin < end)
		bsd_give_back((void *)begin, end - begin);
}
