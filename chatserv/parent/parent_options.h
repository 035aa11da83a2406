/* SPDX-License-Identifier: ISC */

/*
 * What main() tells the parent, and whatever it forks.
 */
#ifndef CHATSERV_PARENT_OPTIONS_H
#define CHATSERV_PARENT_OPTIONS_H

#include <stdint.h>

#include "ipc/bus/bus.h"

struct parent_options {
	struct bus	*bus;
	const int	*listener;	/* non-blocking, listening */
	int		 listeners;
	unsigned int	 port;
	uint32_t	 clients;	/* at most */
	uint32_t	 slots;		/* of the bus: more than clients */
	uint32_t	 per_address;	/* at most; 0: no limit */
	int		 naming_ms;	/* for a client to give a name */
};

#endif
