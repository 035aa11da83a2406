/* SPDX-License-Identifier: ISC */

/*
 * Accepting clients, or refusing them.  Private to the parent.
 */
#ifndef CHATSERV_ADMIT_H
#define CHATSERV_ADMIT_H

#include <stdbool.h>

#include "chatserv/parent/parent_options.h"

/* Prepare to accept.  Exits if that fails. */
void	 admit_init(const struct parent_options *o);

/*
 * Accept clients that wait at listener, up to a limit.  False if the system
 * cannot accept any at present: then poll no listener for a second.
 */
bool	 admit_clients(int listener);

/*
 * Close the listeners and the spare descriptor: for a child, and when the
 * parent stops.
 */
void	 admit_end(void);

#endif
