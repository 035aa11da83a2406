/* SPDX-License-Identifier: ISC */

/*
 * The parent: accepts, forks, reaps, recovers.
 */
#ifndef CHATSERV_PARENT_H
#define CHATSERV_PARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/bus/bus.h"

struct parent_options {
	struct bus	*bus;
	const int	*listener;	/* non-blocking, listening */
	int		 listeners;
	unsigned int	 port;
	uint32_t	 clients;	/* at most; the bus has as many slots */
	uint32_t	 per_address;	/* at most; 0: as many as there are */
	int		 naming_ms;	/* to give a name */
};

/*
 * Catch the signals that steer the parent; they take effect in
 * parent_run().  To be called before anything is made that would be left
 * behind.
 */
void	 parent_catch_signals(void);

/*
 * Run the room until SIGTERM or SIGINT, then end it in order: every
 * session says goodbye, and every child is reaped.  Children end within
 * this call and never return from it.
 */
void	 parent_run(const struct parent_options *options);

#endif
