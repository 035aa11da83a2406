/* SPDX-License-Identifier: ISC */

/*
 * Who is here: slots, names, and the changes that everyone is told of.
 */
#ifndef IPC_ROSTER_H
#define IPC_ROSTER_H

#include "ipc/bus/bus.h"
#include "ipc/bus/ring.h"

/* What is known of someone who is here. */
struct roster_row {
	uint32_t	slot;
	uint32_t	generation;
	char		name[TEXT_NAME_MAX + 1];
	char		origin[BUS_ORIGIN_MAX + 1];
};

/*
 * The parent, before it forks the client's process: make slot ready for a
 * client from origin.
 */
void	 roster_open(struct bus *b, uint32_t slot, const char *origin);

/*
 * The session of a trusted peer, which speaks for a client from origin: show
 * that in its place.
 */
void	 roster_set_origin(struct bus *b, const char *origin);

/* The child, first of all: this is my slot. */
void	 roster_enter(struct bus *b, uint32_t slot);

/*
 * The session takes name, tells everyone, and begins to read where start
 * says, but at its own join if start is NULL; *r is set so, and *live to
 * where the join is.
 * BUS_TAKEN: it is another's.  BUS_TAKEN_OVER: it was this one's own, as
 * token (BUS_TOKEN_SIZE bytes, or NULL) proves: its older slot is closed
 * and nobody is told.  BUS_WAIT, BUS_GONE: as publish_batch().
 * my_token is kept, to be proven later.
 */
enum bus_result roster_join(struct bus *b, const char *name,
	    const unsigned char *token, const unsigned char *my_token,
	    const struct reader *start, struct reader *r,
	    struct reader *live, int *wait_ms);

/*
 * The session has joined as name: spell that as everyone knows it, which
 * after BUS_TAKEN_OVER may be in other letters than those asked for.
 */
void	 roster_spelling(const struct bus *b, char name[TEXT_NAME_MAX + 1]);

/*
 * The session may publish from now on without being in the room; *live is
 * where its own records come from.  BUS_GONE as above.
 */
enum bus_result roster_stay_outside(struct bus *b, struct reader *live);

/* The session takes another name.  BUS_TAKEN, BUS_WAIT, BUS_GONE as above. */
enum bus_result roster_rename(struct bus *b, const char *name,
	    int *wait_ms);

/*
 * The session leaves for this reason; *end is where the record of that is,
 * from which on nothing concerns it any more.  BUS_WAIT, BUS_GONE as above.
 */
enum bus_result roster_leave(struct bus *b, const char *reason,
	    struct reader *end, int *wait_ms);

/*
 * The parent, when it has reaped slot's process pid and before its next
 * fork: finish or forget the change in which it died, free the lock if it
 * held it, let nobody wait for it, and unless it ended in order (clean) have
 * the waker make good the wake-ups that it took along.  Returns whether its
 * leave is still to be told, by roster_announce_death().
 */
bool	 roster_recover(struct bus *b, uint32_t slot, pid_t pid, bool clean);

/*
 * The parent tells everyone that slot's dead occupant has left.  BUS_WAIT:
 * someone holds the lock, or the ring is full; try again later.
 */
enum bus_result roster_announce_death(struct bus *b, uint32_t slot,
	    const char *reason);

/* The parent gives slot back, after its occupant's end. */
void	 roster_close(struct bus *b, uint32_t slot);

/*
 * For a new parent that has copied old's records up to head: say in b that
 * those who were here when the old parent died have left.
 */
void	 roster_copy_end(struct bus *b, struct bus *old, uint64_t head);

/* How many are here.  Any process. */
uint32_t roster_count(const struct bus *b);

/*
 * Up to n rows of those who are here, from slot *from on; *from goes on
 * behind them.  Returns how many; 0 at the end.  For a child.
 */
uint32_t roster_list(struct bus *b, uint32_t *from, struct roster_row *row,
	    uint32_t n);

/* The row of whoever has this name; false if nobody.  For a child. */
bool	 roster_find(struct bus *b, const char *name, struct roster_row *row);

#endif
