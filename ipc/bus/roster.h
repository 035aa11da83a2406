/* SPDX-License-Identifier: ISC */

/*
 * The roster: slots, names, and the changes that records announce.
 */
#ifndef IPC_ROSTER_H
#define IPC_ROSTER_H

#include "ipc/bus/bus.h"
#include "ipc/bus/ring.h"

/* What other clients may know of a client. */
struct roster_row {
	uint32_t	slot;
	uint32_t	generation;
	char		name[TEXT_NAME_MAX + 1];
	char		origin[BUS_ORIGIN_MAX + 1];
};

/*
 * Prepare slot for a client from origin.  For the parent, before it forks the
 * session.
 */
void	 roster_open(struct bus *b, uint32_t slot, const char *origin);

/*
 * Show origin in place of the connection's address.  For the session of a
 * trusted peer, which speaks for a client from there.
 */
void	 roster_set_origin(struct bus *b, const char *origin);

/* This process is the session of slot.  A child calls it first of all. */
void	 roster_enter(struct bus *b, uint32_t slot);

/*
 * Claim name, publish the session's join, and begin to read where start says,
 * or at the join if start is NULL; sets *r to that, and *live to the join.
 *
 * BUS_TAKEN: another client has the name.  BUS_TAKEN_OVER: the client's older
 * session had it, as token (BUS_TOKEN_SIZE bytes, or NULL) proves: the older
 * slot is closed, and no record is published.  BUS_WAIT, BUS_GONE: as
 * publish_batch().
 *
 * The roster keeps my_token, which proves a later takeover; with NULL, the
 * call can only take over by token, and returns BUS_TAKEN otherwise.
 */
enum bus_result roster_join(struct bus *b, const char *name,
	    const unsigned char *token, const unsigned char *my_token,
	    const struct reader *start, struct reader *r,
	    struct reader *live, int *wait_ms);

/*
 * Once the session has joined as name: replace it by the spelling in the
 * roster, which after BUS_TAKEN_OVER may differ in case from what the client
 * asked for.
 */
void	 roster_spelling(const struct bus *b, char name[TEXT_NAME_MAX + 1]);

/*
 * Let the session publish from now on without being in the room; its own
 * records begin at *live.  BUS_GONE as above.
 */
enum bus_result roster_stay_outside(struct bus *b, struct reader *live);

/* Change the session's name.  BUS_TAKEN, BUS_WAIT, BUS_GONE as above. */
enum bus_result roster_rename(struct bus *b, const char *name,
	    int *wait_ms);

/*
 * Publish the session's leave for this reason; *end is where that record is,
 * after which the session has nothing to relay.  BUS_WAIT, BUS_GONE as above.
 */
enum bus_result roster_leave(struct bus *b, const char *reason,
	    struct reader *end, int *wait_ms);

/*
 * Recover what slot's session pid left: redo or drop its intent, free the lock
 * if it held it, clear its cursor, and, unless it ended in order (clean), have
 * the waker make up for the wake-ups that it may have lost.  Returns whether
 * roster_announce_death() must still publish its leave.  For the parent, after
 * it has reaped pid and before its next fork.
 */
bool	 roster_recover(struct bus *b, uint32_t slot, pid_t pid, bool clean);

/*
 * Publish that the dead session of slot has left.  BUS_WAIT: another process
 * holds the lock, or the ring is full; try again later.  For the parent.
 */
enum bus_result roster_announce_death(struct bus *b, uint32_t slot,
	    const char *reason);

/* Free slot, after the end of its session.  For the parent. */
void	 roster_close(struct bus *b, uint32_t slot);

/*
 * Publish in b that the clients who were here when the old parent died have
 * left.  For a new parent, which has copied old's records up to head.
 */
void	 roster_copy_end(struct bus *b, struct bus *old, uint64_t head);

/* How many clients are here, or have no name yet.  For any process. */
uint32_t roster_count(const struct bus *b);
uint32_t roster_count_entering(const struct bus *b);

/*
 * Copy up to n rows of clients that are here, from slot *from on, and move
 * *from past them.  Returns how many; 0 at the end.  For a child.
 */
uint32_t roster_list(struct bus *b, uint32_t *from, struct roster_row *row,
	    uint32_t n);

/* The row of the client called name; false if there is none.  For a child. */
bool	 roster_find(struct bus *b, const char *name, struct roster_row *row);

#endif
