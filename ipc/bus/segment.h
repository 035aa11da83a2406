/* SPDX-License-Identifier: ISC */

/*
 * One segment: its parts in memory, and the object of the system that holds
 * it.  For shm.c, which says which segment is the room's.
 */
#ifndef IPC_SEGMENT_H
#define IPC_SEGMENT_H

#include "ipc/bus/bus.h"

/*
 * Create, claim and map a segment called name, all zero save its geometry,
 * its creator and the room's identity.  Returns 0; -1 with errno, which is
 * EBUSY if another process has that name or (*holder) has just claimed it.
 * For the parent.
 */
int	 segment_make(struct bus *b, const char *name, uint32_t slots,
	    uint64_t ring_size, pid_t *holder);

/*
 * Map the object of fd, which b owns from then on.  Returns 0, or -1 with
 * errno; EINVAL if it is not a whole segment.  Any process may call this.
 */
int	 segment_map(struct bus *b, int fd, int prot);

/* Undo either of them.  Closing the object ends the claim. */
void	 segment_unmap(struct bus *b);

/*
 * Claim the object of fd, which holds the segment p, or none if p is NULL.
 * Returns 0, or -1 with EBUSY and the holder.  For the parent.
 */
int	 segment_claim(int fd, const struct segment *p, pid_t *holder);

/*
 * The process that has claimed the segment of b, or 0; and whether there is
 * one, also where it has no number here (in a container).  For any process.
 */
pid_t	 segment_holder(const struct bus *b);
bool	 segment_is_claimed(const struct bus *b);

#endif
