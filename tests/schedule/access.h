/* SPDX-License-Identifier: ISC */

/*
 * The functions that the shim calls in place of atomic accesses.  Each access
 * is one step of a schedule: before it, another process may run or this one
 * may be killed; then the memory decides which value it reads, or where in the
 * modification order it writes.
 */
#ifndef SCHEDULE_ACCESS_H
#define SCHEDULE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/schedule/site.h"

/*
 * p is an atomic object of size bytes.  Outside a schedule, in the harness
 * itself, each of these is a plain access.
 */
uint64_t access_load(const volatile void *p, size_t size, struct site *site);
void	 access_store(volatile void *p, size_t size, uint64_t value,
	    struct site *site);

/* A read-modify-write: how is one of = + - | &.  Returns the old value. */
uint64_t access_change(volatile void *p, size_t size, int how,
	    uint64_t value, struct site *site);
bool	 access_compare(volatile void *p, size_t size, void *expected,
	    uint64_t value, struct site *site);
void	 access_fence(struct site *site);

#endif
