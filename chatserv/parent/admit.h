/* SPDX-License-Identifier: ISC */

/*
 * Letting clients in, or telling them why not.  The parent's alone.
 */
#ifndef CHATSERV_ADMIT_H
#define CHATSERV_ADMIT_H

#include <stdbool.h>

#include "chatserv/parent/parent_options.h"

/* Prepare for accepting.  Exits if that fails. */
void	 admit_init(const struct parent_options *o);

/*
 * Accept who waits at listener, some at a time.  False if nobody can be
 * accepted at present: the listeners are better left alone for a second.
 */
bool	 admit_clients(int listener);

/* Close the listeners and all: for a child, and when the parent stops. */
void	 admit_end(void);

#endif
