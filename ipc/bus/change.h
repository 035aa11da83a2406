/* SPDX-License-Identifier: ISC */

/*
 * A change of the roster: a transaction that a killed session leaves either
 * done or undone.  For roster.c.
 */
#ifndef IPC_CHANGE_H
#define IPC_CHANGE_H

#include "ipc/bus/bus.h"
#include "ipc/bus/ring.h"

/* The hash of a name, ignoring the case of ASCII letters; never 0. */
uint32_t change_hash(const char *name);

/*
 * Acquire the lock.  False, without the lock, if the parent is gone, or this
 * session or the room is closed.  For a session.
 */
bool	 change_begin(struct bus *b);

/*
 * Publish a record of this kind, name and text, and make the change of slot
 * that it announces.  *end is the head after it.  BUS_WAIT and BUS_GONE as
 * publish_batch().  Under the lock.
 */
enum bus_result change_publish(struct bus *b, uint32_t slot,
	    enum slot_change what, enum event_kind kind, const char *name,
	    const char *text, uint64_t *end, int *wait_ms);

/* Take over the slot `other` for this session.  Under the lock. */
void	 change_take_over(struct bus *b, uint32_t other);

/* Release the lock, and wake the readers if the result is BUS_OK. */
enum bus_result change_end(struct bus *b, enum bus_result result);

/*
 * Make the change that slot's intent describes, or make it again.  Under the
 * lock.
 */
void	 change_redo(struct bus *b, uint32_t slot);

/*
 * Redo the intent of slot if it is committed, else drop it.  For the parent,
 * while a dead session of slot still holds the lock.
 */
void	 change_recover(struct bus *b, uint32_t slot);

#endif
