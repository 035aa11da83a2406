/* SPDX-License-Identifier: ISC */

/*
 * The shared segment as an object of the system: made, checked, copied,
 * removed.  All of this is the parent's alone.
 */
#ifndef IPC_SHM_H
#define IPC_SHM_H

#include "ipc/bus/bus.h"

#define SHM_NAME_MAX	32

/*
 * Make the segment of the room called name ("/chatserv.53000"), for so many
 * slots and with a ring of ring_size bytes (a power of two from
 * BUS_RING_MIN to BUS_RING_MAX), and set up b as its parent's handle.  If
 * a dead parent has left one there, its history is copied first and it is
 * removed.  Returns 0; -1 with errno: EBUSY if a living server has that
 * room (*holder is its pid), EPERM if another user's object has that name,
 * or why the system refused (ENOSPC, ENOMEM, ...).
 */
int	 shm_create(struct bus *b, const char *name, uint32_t slots,
	    uint64_t ring_size, pid_t *holder);

/* Whether the segment of b holds what another parent has published. */
bool	 shm_has_history(const struct bus *b);

/*
 * Remove the name of b, if it is still b's: nobody new will find the segment;
 * who has it keeps it.  For the parent, whose claim ends with that, and for
 * its helper.
 */
void	 shm_remove(const struct bus *b, const char *name);

/*
 * The pid of the living server that has the room called name; 0 if there is
 * none, or none whose segment this process may read.
 */
pid_t	 shm_holder(const char *name);

/*
 * Map the segment called name for reading alone, as a viewer.  Returns 0, or
 * -1 with errno; EINVAL if it is not such a segment.
 */
int	 shm_view(struct bus *b, const char *name);

/* Undo shm_view(). */
void	 shm_view_end(struct bus *b);

#endif
