/* SPDX-License-Identifier: ISC */

/*
 * The history: where to begin to read, and its copy in a new segment.
 */
#ifndef IPC_HISTORY_H
#define IPC_HISTORY_H

#include "ipc/bus/bus.h"
#include "ipc/bus/ring.h"

/*
 * Set r to the last n records of a kind in the set kinds (a bit each, 1U <<
 * kind), or to the first record after id.  If that is overwritten, the first
 * ring_read() reports how many records are missing; if even the index does
 * not reach back to id, at least how many.  Any process may call these.
 */
void	 history_seek_last(const struct bus *b, struct reader *r, uint64_t n,
	    unsigned int kinds);
void	 history_seek_id(const struct bus *b, struct reader *r, uint64_t id);

/* Set r to the last n records of those kinds up to id; r ends there. */
void	 history_seek_before(const struct bus *b, struct reader *r,
	    uint64_t id, uint64_t n, unsigned int kinds);

/* The ID of the latest record; 0 if there is none.  For any process. */
uint64_t history_last_id(const struct bus *b);

/*
 * For a new parent: publish again in b, with their numbers and IDs, the
 * records of old that still fit.  If there are any, b is the same room as old
 * from then on.  old must be closed.  Returns the head of old up to which they
 * were copied.
 */
uint64_t history_copy(struct bus *b, const struct bus *old);

#endif
