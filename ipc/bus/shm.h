/* SPDX-License-Identifier: ISC */

/*
 * The room's segment: create it, take over an older parent's, remove it, view
 * it.  For the parent, save where it says otherwise.
 */
#ifndef IPC_SHM_H
#define IPC_SHM_H

#include "ipc/bus/bus.h"

#define SHM_NAME_MAX	32

/*
 * Create the segment of the room called name ("/chatserv.53000"), with so
 * many slots and a ring of ring_size bytes (a power of two from BUS_RING_MIN
 * to BUS_RING_MAX), and set up b as the parent's handle.  If a dead parent
 * has left one, copy its history and remove it.  Returns 0; -1 with errno:
 * EBUSY if a running server has that room (*holder is its pid), EPERM if
 * another user's object has that name, or why the system refused (ENOSPC,
 * ENOMEM, ...).
 */
int	 shm_create(struct bus *b, const char *name, uint32_t slots,
	    uint64_t ring_size, pid_t *holder);

/* Whether the segment of b holds records of an earlier parent. */
bool	 shm_has_history(const struct bus *b);

/*
 * Remove the name of b's segment, if it is still b's: processes that have
 * mapped the segment keep it, and no other finds it.  For the parent, whose
 * claim ends with this, and for its helper.
 */
void	 shm_remove(const struct bus *b, const char *name);

/*
 * Whether anything has the name of a room's segment, or of its copy: of a
 * living server, of a dead one, or of another user's.  For any process.
 */
bool	 shm_exists(const char *name);

/*
 * The pid of the living server that has the room called name; 0 if there is
 * none, or none whose segment this process may read.
 */
pid_t	 shm_holder(const char *name);

/*
 * Map the segment called name read-only, for a viewer.  Returns 0, or
 * -1 with errno; EINVAL if it is not such a segment.
 */
int	 shm_view(struct bus *b, const char *name);

/* Undo shm_view(). */
void	 shm_view_end(struct bus *b);

#endif
