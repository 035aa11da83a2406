/* SPDX-License-Identifier: ISC */

/*
 * The memory: which stores a load may see.  See memory.c for the rules.
 */
#ifndef SCHEDULE_MEMORY_H
#define SCHEDULE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMORY_PROCESSES	12	/* numbered from 0 */

/* Make [base, base + size) accessible.  Up to four ranges. */
void	 memory_add(void *base, size_t size);

/* Forget all locations: other objects will lie there. */
void	 memory_forget(void);

/*
 * Reset: each location holds the contents of memory, and every process knows
 * it.  Costs nothing for a location that is not touched again.
 */
void	 memory_begin(void);

/* A process's accesses.  order is a memory_order. */
uint64_t memory_load(int who, const volatile void *p, size_t size,
	    int order);
void	 memory_store(int who, volatile void *p, size_t size, uint64_t value,
	    int order);
uint64_t memory_change(int who, volatile void *p, size_t size, int how,
	    uint64_t value, int order);
bool	 memory_compare(int who, volatile void *p, size_t size,
	    uint64_t *expected, uint64_t value, int order, int failed);
void	 memory_fence(int who, int order);

/* The newest value, for the judge of a schedule. */
uint64_t memory_newest(const volatile void *p, size_t size);

/* How many of the newest stores the last load did not see. */
unsigned int memory_age(void);

/*
 * What the kernel orders between processes: a child starts with its parent's
 * knowledge; a process that reaps a child gets the child's; and a post of a
 * semaphore stores its process's knowledge in a view of that semaphore.
 */
#define MEMORY_KEPT_VIEWS	4

void	 memory_fork(int child, int parent);
void	 memory_know(int to, int from);
void	 memory_leave(int who, int view);
void	 memory_find(int who, int view);

#endif
