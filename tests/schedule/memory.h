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

/* Everything in [base, base + size) may be accessed.  Up to four ranges. */
void	 memory_add(void *base, size_t size);

/* Forget which locations there are: other things will lie there. */
void	 memory_forget(void);

/*
 * Begin anew: each location holds what lies there, and everyone knows it.
 * Costs nothing for a location that is not touched again.
 */
void	 memory_begin(void);

/* What a process does.  order is a memory_order. */
uint64_t memory_load(int who, const volatile void *p, size_t size,
	    int order);
void	 memory_store(int who, volatile void *p, size_t size, uint64_t value,
	    int order);
uint64_t memory_change(int who, volatile void *p, size_t size, int how,
	    uint64_t value, int order);
bool	 memory_compare(int who, volatile void *p, size_t size,
	    uint64_t *expected, uint64_t value, int order, int failed);
void	 memory_fence(int who, int order);

/* The newest value, for those who judge a schedule. */
uint64_t memory_newest(const volatile void *p, size_t size);

/* Of how many stores the last load did not see the newest ones. */
unsigned int memory_age(void);

/*
 * What the kernel does between processes: a child begins with what its
 * parent knows; who reaps the dead knows what that one knew; and a post of
 * a semaphore leaves what its process knows, in a view of that semaphore.
 */
#define MEMORY_KEPT_VIEWS	4

void	 memory_fork(int child, int parent);
void	 memory_know(int to, int from);
void	 memory_leave(int who, int view);
void	 memory_find(int who, int view);

#endif
