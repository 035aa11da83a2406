/* SPDX-License-Identifier: ISC */

/*
 * What the shim makes of atomic accesses.  Each is one step of a schedule:
 * before it another process may run, or this one be killed; then the
 * memory says what it reads or where in the order of stores it writes.
 */
#ifndef SCHEDULE_ACCESS_H
#define SCHEDULE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where an access stands in the source, and what it names. */
struct site {
	const char	*file;
	int		 line;
	const char	*what;
};

/*
 * p is an atomic object of size bytes.  order, and failed for a comparison
 * that fails, are a memory_order.  Where no schedule runs (in the harness
 * itself) each is a plain access.
 */
uint64_t access_load(const volatile void *p, size_t size, int order,
	    const struct site *site);
void	 access_store(volatile void *p, size_t size, uint64_t value,
	    int order, const struct site *site);

/* A read-modify-write: how is one of = + - | &.  Returns the old value. */
uint64_t access_change(volatile void *p, size_t size, int how,
	    uint64_t value, int order, const struct site *site);
bool	 access_compare(volatile void *p, size_t size, void *expected,
	    uint64_t value, int order, int failed, const struct site *site);
void	 access_fence(int order, const struct site *site);

#endif
